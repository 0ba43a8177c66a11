/**
 * Goal: a fitted SVM gate knows regimes that no line divides, in probabilities that are calibrated,
 * the same for the same seed, and of clean inputs only.
 * Method: rings, quadrants and discs; counted calibration; Platt's slope and intercept against
 * scipy 1.17.1's BFGS on the same regularised likelihood; each documented error once.
 */
import { describe, expect, test } from "vitest";
import { topExperts } from "../../src/gate/index.ts";
import { fitSigmoid } from "../../src/gate/platt.ts";
import { fitSvmGate } from "../../src/gate/svm-gate.ts";
import { svmScores } from "../../src/gate/svm-scores.ts";
import { type Matrix, matrix, takeRows } from "../../src/shared/matrix.ts";
import { createRng } from "../../src/shared/rng.ts";

type Regime = (x: number, y: number) => number;

const quadrants: Regime = (x, y) => (x * y > 0 ? 1 : 0);
const rings: Regime = (x, y) => Math.min(2, Math.floor(Math.hypot(x, y) / 0.4));
const discInHalves: Regime = (x, y) => (x * x + y * y >= 0.8 ? 2 : x < 0 ? 0 : 1);

function sample(
  regime: Regime,
  nRows: number,
  seed: number,
): { readonly X: Matrix; readonly labels: Int32Array } {
  const rng = createRng(seed);
  const values = Float32Array.from({ length: nRows * 2 }, () => 2 * rng.uniform() - 1);
  const labels = Int32Array.from({ length: nRows }, (_, i) =>
    regime(values[2 * i]!, values[2 * i + 1]!),
  );
  return { X: matrix(values, nRows, 2), labels };
}

function accuracy(scores: Float64Array, labels: Int32Array, nExperts: number): number {
  const top = topExperts(scores, nExperts);
  return top.filter((expert, i) => expert === labels[i]).length / labels.length;
}

describe("a fitted gate", () => {
  test.each([
    ["quadrants", quadrants, 2],
    ["rings", rings, 3],
    ["a disc in halves", discInHalves, 3],
  ] as const)("tells %s apart on new rows, in probabilities", async (_, regime, nExperts) => {
    const { X, labels } = sample(regime, 500, 5);
    const gate = await fitSvmGate(X, labels, nExperts, { seed: 1 });
    const fresh = sample(regime, 400, 6);
    const scores = svmScores(gate, fresh.X);
    expect(accuracy(scores, fresh.labels, nExperts)).toBeGreaterThan(0.93);
    for (let i = 0; i < 400; i++) {
      const own = scores.subarray(i * nExperts, (i + 1) * nExperts);
      expect(own.every((p) => p >= 0)).toBe(true);
      expect(own.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
    }
  });

  test("does not react to an input that has one value in all rows", async () => {
    const { X, labels } = sample(rings, 200, 5);
    const withThird = (third: number): Matrix =>
      matrix(
        Float32Array.from({ length: 600 }, (_, at) =>
          at % 3 === 2 ? third : X.values[2 * Math.floor(at / 3) + (at % 3)]!,
        ),
        200,
        3,
      );
    const gate = await fitSvmGate(withThird(0.5), labels, 3, { seed: 1, costs: [10], gammas: [4] });
    expect(gate.features).toEqual([0, 1]);
    const scores = svmScores(gate, withThird(0.5));
    for (const third of [-6, 0, 1, 6]) expect(svmScores(gate, withThird(third))).toEqual(scores);
  });

  test("has a machine for every pair, in lexicographic order", async () => {
    const { X, labels } = sample((x) => Math.min(3, Math.floor(2 * x + 2)), 200, 5);
    const { machines } = await fitSvmGate(X, labels, 4, { seed: 1, costs: [1], gammas: [1] });
    const pairs = machines.map(({ first, second }) => `${first}${second}`);
    expect(pairs).toEqual(["01", "02", "03", "12", "13", "23"]);
  });

  test("gives a row the same bits alone, in a batch, and in another order", async () => {
    const { X, labels } = sample(rings, 300, 5);
    const gate = await fitSvmGate(X, labels, 3, { seed: 1, costs: [10], gammas: [4] });
    const fresh = sample(rings, 50, 6).X;
    const scores = svmScores(gate, fresh);
    const turned = svmScores(gate, takeRows(fresh, [...Array(50).keys()].reverse()));
    for (let i = 0; i < 50; i++) {
      const own = [...scores.subarray(3 * i, 3 * i + 3)];
      expect([...svmScores(gate, takeRows(fresh, [i]))]).toEqual(own);
      expect([...turned.subarray(3 * (49 - i), 3 * (50 - i))]).toEqual(own);
    }
  });

  test("is the same again with the same seed, and leaves the main thread free", async () => {
    const { X, labels } = sample(rings, 300, 5);
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
    }, 1);
    const first = await fitSvmGate(X, labels, 3, { seed: 2, maxRows: 101 });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(0);
    expect(await fitSvmGate(X, labels, 3, { seed: 2, maxRows: 101 })).toEqual(first);
    expect(await fitSvmGate(X, labels, 3, { seed: 3, maxRows: 101 })).not.toEqual(first);
  });

  // Rows nearest the boundary alone would leave the rest of the plane to rho's sign: about 0.65.
  test("trained on few rows of many still knows what is far from the boundary", async () => {
    const narrowRings: Regime = (x, y) => Math.floor(Math.hypot(x, y) / 0.3) % 2;
    const { X, labels } = sample(narrowRings, 4000, 5);
    // The setting that is chosen among all, of which the search takes ten times as long.
    const setting = { costs: [10_000], gammas: [16] };
    const gate = await fitSvmGate(X, labels, 2, { seed: 1, maxRows: 251, ...setting });
    const fresh = sample(narrowRings, 2000, 6);
    expect(accuracy(svmScores(gate, fresh.X), fresh.labels, 2)).toBeGreaterThan(0.85);
  });

  test("keeps to its limit of rows where nearly every row is a support vector", async () => {
    const rng = createRng(4);
    const { X, labels } = sample(() => rng.int(2), 600, 5);
    const gate = await fitSvmGate(X, labels, 2, { seed: 1, maxRows: 101, costs: [1], gammas: [1] });
    const { nRows } = gate.machines[0]!.supportVectors;
    expect(nRows).toBeGreaterThan(80);
    expect(nRows).toBeLessThanOrEqual(101);
  });

  test("is as sure as it is often right, where regimes overlap", async () => {
    const rng = createRng(9);
    const regime: Regime = (x) => (rng.uniform() < (x > 0 ? 0.8 : 0.3) ? 1 : 0);
    const { X, labels } = sample(regime, 1500, 5);
    const gate = await fitSvmGate(X, labels, 2, { seed: 1 });
    const fresh = sample(regime, 2000, 6).X;
    const scores = svmScores(gate, fresh);
    for (const [side, expected] of [
      [-1, 0.3],
      [1, 0.8],
    ] as const) {
      const rows = [...Array(2000).keys()].filter((i) => fresh.values[2 * i]! * side > 0.2);
      const mean = rows.reduce((sum, i) => sum + scores[2 * i + 1]!, 0) / rows.length;
      expect(Math.abs(mean - expected)).toBeLessThan(0.08);
    }
  });

  test("never prefers a regime that was too small to train on", async () => {
    const { X, labels } = sample(quadrants, 200, 5);
    labels[17] = 2; // Of regime 3 there is no row at all.
    const gate = await fitSvmGate(X, labels, 4, { seed: 1 });
    const constant = gate.machines.filter(({ second }) => second >= 2);
    for (const { supportVectors, rho } of constant) {
      expect([supportVectors.nRows, rho]).toEqual([0, 0]);
    }
    const scores = svmScores(gate, X);
    expect(scores.every(Number.isFinite)).toBe(true);
    expect(Math.max(...topExperts(scores, 4))).toBe(1);
  });
});

test("what libsvm would take for numbers is refused", async () => {
  const { X, labels } = sample(rings, 60, 5);
  const refused = async (
    code: string,
    [rows, own, n]: readonly [Matrix, Int32Array, number],
    options = {},
  ): Promise<void> => {
    const fit = fitSvmGate(rows, own, n, { seed: 1, ...options });
    await expect(fit).rejects.toMatchObject({ code });
  };
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const broken = takeRows(X, [...Array(60).keys()]);
    broken.values[7] = value;
    await refused("VALUE_NOT_FINITE", [broken, labels, 3]);
  }
  await refused("SHAPE_MISMATCH", [{ ...X, nRows: 59 }, labels.slice(1), 3]);
  await refused("SHAPE_MISMATCH", [X, labels.slice(1), 3]);
  await refused("INVALID_OPTION", [X, labels, 1]);
  await refused("INVALID_OPTION", [X, labels, 2]);
  await refused("INVALID_OPTION", [X, labels.map((label) => label - 1), 3]);
  await refused("TOO_FEW_ROWS", [X, new Int32Array(60), 3]);
  await refused("TOO_FEW_ROWS", [X, Int32Array.from({ length: 60 }, (_, i) => +(i === 0)), 3]);
  await refused("INVALID_OPTION", [X, labels, 3], { maxRows: 9 });
  for (const grid of [[], [0], [-1], [Number.NaN], [Number.POSITIVE_INFINITY]]) {
    await refused("INVALID_OPTION", [X, labels, 3], { costs: grid });
    await refused("INVALID_OPTION", [X, labels, 3], { gammas: grid });
  }
  const gate = await fitSvmGate(X, labels, 3, { seed: 1, costs: [1], gammas: [1] });
  const wider = matrix(new Float32Array(3), 1, 3);
  expect(() => svmScores(gate, wider)).toThrow(expect.objectContaining({ code: "SHAPE_MISMATCH" }));
});

test("the sigmoid is the regularised maximum likelihood", () => {
  const decisions = [-2, -1.2, -0.5, -0.1, 0.3, 0.4, 1.1, 1.9, 2.5];
  const positive = [0, 0, 0, 1, 0, 1, 1, 1, 1].map(Boolean);
  const { slope, intercept } = fitSigmoid(decisions, positive).sigmoid;
  expect(slope).toBeCloseTo(-0.9750189808370563, 4);
  expect(intercept).toBeCloseTo(-0.022441876273834063, 4);
});
