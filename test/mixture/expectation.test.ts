/**
 * Goal: the error that a fit promises is that of answers to held-out rows, and the rivals' errors
 * are on the same rows.
 * Method: six rows on a line, two hold-outs, answers whose errors a reader can add up; one small
 * fit of each kind, whose leaderboard and rivals are compared with its report.
 */
import { describe, expect, test } from "vitest";
import {
  committeeEvidence,
  expectErrors,
  mixtureEvidence,
} from "../../src/mixture/expectation/index.ts";
import { DEFAULT_FIT, expectationInWords, onNewRows } from "../../src/mixture/index.ts";
import { matrix } from "../../src/shared/matrix.ts";

const x = [0, 1, 2, 3, 4, 5];
const samples = {
  X: matrix(Float32Array.from(x), x.length, 1),
  y: Float32Array.from(x),
  weights: null,
  groups: null,
};
const splits = [
  { train: Int32Array.of(0, 1, 2, 3), test: Int32Array.of(4, 5) },
  { train: Int32Array.of(2, 3, 4, 5), test: Int32Array.of(0, 1) },
];
const rows = Int32Array.of(4, 5, 0, 1);
const target = (scale: number) => ({ name: "y", mean: 0, scale, least: -1e3, most: 1e3 });

describe("the expected error", () => {
  const evidence = {
    answers: { rows, values: Float64Array.of(5, 4, 1, 0), splits },
    rivals: { net: 7, trees: null },
    leaderboard: [
      { kind: "b", rmse: 3, weight: 0, nMembers: 0 },
      { kind: "a", rmse: 2, weight: 1, nMembers: 1 },
    ],
  };
  const found = expectErrors(evidence, samples, target(10));

  test("is that of the answers, in the target's units", () => {
    expect(found).toMatchObject({ nSamples: 4, rmse: 10, mse: 100, mae: 10 });
    expect(found.r2).toBeCloseTo(1 - 4 / 17, 12);
  });

  test("stands beside the mean's and a line's on the same rows", () => {
    // The mean of 0 … 3 is 1.5: off by 2.5 and 3.5; that of 2 … 5 is 3.5: off by 3.5 and 2.5.
    expect(found.rivals.mean).toBeCloseTo(10 * Math.sqrt((2.5 ** 2 + 3.5 ** 2) / 2), 5);
    // A line goes through all rows; answers are clipped at a tenth of the range beyond the rows.
    expect(found.rivals.linear).toBeCloseTo(10 * Math.sqrt((0.7 ** 2 + 1.7 ** 2) / 2), 1);
    expect(found.rivals).toMatchObject({ net: 7, trees: null });
  });

  test("has a leaderboard with the lowest error first, and one line for a person", () => {
    expect(found.leaderboard.map(({ kind }) => kind)).toEqual(["a", "b"]);
    expect(expectationInWords(found)).toMatch(
      /^expect RMSE 10 \(R² 0\.76\) on new rows like these; mean predictor 30\.41, linear 13(\.\d+)?, best single net 7$/,
    );
  });
});

describe("the evidence of a committee", () => {
  const heldOut = (trees: number, gp: number) => ({
    rows: Int32Array.of(0, 1, 4, 5),
    folds: Int32Array.of(1, 1, 0, 0),
    y: new Float64Array(4),
    answers: new Map([
      ["trees", new Float64Array(4).fill(trees)],
      ["gp", new Float64Array(4).fill(gp)],
    ] as const),
  });
  const kinds = [
    { kind: "trees", weight: 0.5, heldOutMse: 4 },
    { kind: "gp", weight: 0.5, heldOutMse: 1 },
  ] as const;
  const gainOf = (trees: number, gp: number): number => {
    const answered = { heldOut: heldOut(trees, gp), heldOutAnswers: new Float64Array(4) };
    return committeeEvidence({ ...answered, folds: splits, members: kinds, kinds }).gain!;
  };

  test("expects less on new rows by seven tenths of what kinds disagree by", () => {
    // Both err by 1.5 in the mean, ± 0.5: a ninth of the square is disagreement.
    expect(gainOf(2, 1)).toBeCloseTo(1 - 0.7 / 9, 12);
    expect(gainOf(2, 2)).toBe(1);
    expect(gainOf(0, 0)).toBe(1);
    expect(gainOf(4, -3)).toBeCloseTo(0.3, 12);
  });

  test("is told in one line beside the error on rows held out", () => {
    const rivals = { mean: 40, linear: null, net: null, trees: null };
    const measured = { rmse: 10, r2: 0.8, gain: 0.81, rivals };
    expect(onNewRows(measured)).toEqual({ rmse: 9, r2: 1 - 0.81 * (1 - 0.8) });
    expect(expectationInWords(measured)).toBe(
      "expect RMSE 9 (R² 0.84) on new rows like these; on rows held out 10, mean predictor 40",
    );
  });
});

describe("the evidence of one mixture", () => {
  const errors = [Float64Array.of(1, 1, 1, 1), Float64Array.of(0.1, 0.1, 9, 9)];
  const choice = {
    nExperts: 1,
    candidates: [1, 2].map((nExperts) => ({ nExperts, holdOutMse: 1, standardError: 0 })),
    heldOut: { rows, errors: errors[0]! },
    errors,
    splits,
    cost: 0,
  };

  test("takes for each row the candidate that won on the other rows", () => {
    const { answers, leaderboard } = mixtureEvidence({ choice }, samples, DEFAULT_FIT, target(1));
    const taken = answers.values.map((value, r) => value - x[rows[r]!]!);
    // Without one of the rows 4 and 5, two experts still lose by row 0 or 1.
    expect(taken[0]).toBeCloseTo(1, 6);
    expect(leaderboard.map(({ kind }) => kind)).toEqual(["single net", "2 experts"]);
    expect(leaderboard[0]!.weight).toBe(1);
  });

  test("takes an ordered number of experts everywhere", () => {
    const ordered = { ...DEFAULT_FIT, experts: 2 };
    const { answers } = mixtureEvidence({ choice }, samples, ordered, target(1));
    const taken = answers.values.map((value, r) => value - x[rows[r]!]!);
    taken.forEach((error, r) => {
      expect(error).toBeCloseTo(errors[1]![r]!, 6);
    });
  });
});
