/**
 * Goal: what the accuracy bench says of its splits is what a reader computes from them.
 * Method: a worked example with numbers that are easy to divide; then rows by a seed, in which
 * whatever is said twice must agree.
 */
import { expect, test } from "vitest";
import { unsettledRows } from "../../../src/benches/accuracy/convergence.ts";
import { kindOfSet, REAL_SETS } from "../../../src/benches/accuracy/sets.ts";
import { summariseAccuracy } from "../../../src/benches/accuracy/summary.ts";
import type { SetTally } from "../../../src/benches/accuracy/tally.ts";
import type { Figure } from "../../../src/benches/figures.ts";
import type { AccuracyRow } from "../../../src/benches/index.ts";
import { correctedPairedTest } from "../../../src/metrics/index.ts";
import { accuracyRow, type RowFacts, sampleAccuracyRows } from "./rows.ts";

/** Two splits of one set, method by method. */
function twoSplits(
  set: string,
  errors: Readonly<Record<string, readonly [number, number?]>>,
  facts: Partial<RowFacts> = {},
): readonly AccuracyRow[] {
  return [0, 1].map((split) => {
    const mse = Object.entries(errors).flatMap(([method, values]) => {
      const value = values[split];
      return value === undefined ? [] : [[method, value] as const];
    });
    return accuracyRow({ ...facts, set, split, mse: Object.fromEntries(mse) });
  });
}

function figuresOf(rows: readonly AccuracyRow[]): ReadonlyMap<string, Figure> {
  return new Map(summariseAccuracy(rows).figures.map((figure) => [figure.name, figure]));
}

const WORKED = [
  ...twoSplits("yacht", {
    all: [0.09, 0.25],
    nn: [1, 3],
    single: [4, 4],
    longer: [3.95],
    shorter: [4, 9],
    rf: [1, 1],
    xgboost: [0.4, 0.4],
    wide: [2],
    "members.gp": [1, 1],
  }),
  ...twoSplits("boston", {
    all: [9, 9],
    nn: [6, 6],
    single: [4, 4],
    longer: [2],
    shorter: [4],
    rf: [10, 10],
  }),
  // Generated sets and the package's own count nowhere.
  ...twoSplits("mv", { all: [1, 1], nn: [100, 100], single: [1, 1] }),
  ...twoSplits("cars", { all: [1, 1], nn: [100, 100], single: [1, 1] }),
];

test("a set's errors are means over its splits, of MSE and of each split's RMSE", () => {
  const [yacht] = summariseAccuracy(WORKED).measurements.sets;
  expect(yacht).toMatchObject({ set: "yacht", kind: "real", nRows: 100, nSplits: 2 });
  const { all, wide } = yacht!.errors;
  expect(all!.mse.mean).toBeCloseTo(0.17, 12);
  expect(all!.mse.se).toBeCloseTo(0.08, 12);
  expect(all!.rmse.mean).toBeCloseTo(0.4, 12);
  expect(all!.rmse.se).toBeCloseTo(0.1, 12);
  expect(wide).toMatchObject({ nSplits: 1, mse: { mean: 2, se: 0 } });
});

test("a comparison divides means over the splits that both have, and is tested on them", () => {
  const [yacht] = summariseAccuracy(WORKED).measurements.sets;
  const of = (ours: string, rival: string) =>
    yacht!.comparisons.find((one) => one.ours === ours && one.rival === rival);
  // (1 + 3) / (4 + 4)
  expect(of("nn", "single")).toMatchObject({ nSplits: 2, ratio: 0.5, reduction: 0.5 });
  expect(of("nn", "single")!.p).toBe(correctedPairedTest([1, 3], [4, 4], 10 / 90).p);
  // The wide net has the first split alone: 1 / 2, and one split is no evidence.
  expect(of("nn", "wide")).toMatchObject({ nSplits: 1, ratio: 0.5, p: 1 });
  // Members and the convergence check's start are no rivals; other families are none of nets.
  expect(of("all", "members.gp")).toBeUndefined();
  expect(of("all", "shorter")).toBeUndefined();
  expect(of("nn", "all")).toBeUndefined();
  expect(of("all", "nn")!.ratio).toBeCloseTo(0.085, 12);
});

test("the best trees are chosen on each set, and only among those that were run", () => {
  const [yacht, boston] = summariseAccuracy(WORKED).measurements.sets;
  expect([yacht!.bestTrees, boston!.bestTrees]).toEqual(["xgboost", "rf"]);
  const { rivals } = summariseAccuracy(WORKED).measurements;
  const trees = rivals.find(({ ours, rival }) => ours === "all" && rival === "trees")!;
  // Ratios .17 / .4 and 9 / 10.
  expect(trees.gm).toBeCloseTo(Math.sqrt(0.425 * 0.9), 12);
  expect(trees).toMatchObject({ nSets: 2, nSplits: 4, wins: 2, losses: 0 });
});

test("a rival over sets: mean, middle, ends, wins, losses and what is significant", () => {
  const { rivals } = summariseAccuracy(WORKED).measurements;
  const single = rivals.find(({ ours, rival }) => ours === "nn" && rival === "single")!;
  // Ratios .5 and 1.5; two sets are never significant by Wilcoxon's test.
  expect(single.gm).toBeCloseTo(Math.sqrt(0.75), 12);
  expect(single).toMatchObject({ median: 1, best: 0.5, worst: 1.5, wins: 1, losses: 1, p: 1 });
  // On boston every split is worse by the same: nothing is left to luck.
  expect([single.nBetter, single.nWorse]).toEqual([0, 1]);
});

test("a net that four times the steps make better has not converged", () => {
  const { sets, notConverged, notChecked } = summariseAccuracy(WORKED).measurements;
  // Of yacht only the first split has both: 3.95 / 4.
  expect(sets[0]!.longerVsShorter).toBeCloseTo(0.9875, 12);
  expect(sets.map(({ convergence }) => convergence).slice(0, 2)).toEqual([
    "converged",
    "not converged",
  ]);
  expect([notConverged, notChecked]).toEqual([["boston"], ["mv", "cars"]]);
});

test("where longer training helps, the longer net is the one to beat once it has converged", () => {
  const check = (longest: readonly [number, number]) => {
    const rows = twoSplits("airfoil", {
      all: [1, 1],
      nn: [1, 1],
      single: [4, 4],
      shorter: [4, 4],
      longer: [2, 2],
      longest,
    });
    const { measurements, figures } = summariseAccuracy(rows);
    const most = figures.find(({ name }) => name === "acc.max-reduction")!;
    const [{ convergence, longestVsLonger, convergedNet }] = measurements.sets as [SetTally];
    return [convergence, longestVsLonger, convergedNet, most.value];
  };
  // 16 times the steps take off 1 % of what 4 times leave, then 3 %.
  expect(check([1.96, 2])).toEqual(["not converged", 0.99, "longer", 0.5]);
  expect(check([1.88, 2])).toEqual(["not converged", 0.97, null, null]);
});

test("the check goes on where four times the steps help, and only for what is missing", () => {
  const rows = [
    ...twoSplits("airfoil", { shorter: [4, 4], longer: [2, 2], longest: [2] }),
    ...twoSplits("yacht", { shorter: [4, 4], longer: [4, 4] }),
    ...twoSplits("power", { shorter: [4, 4] }),
  ];
  expect(unsettledRows(rows)).toEqual([rows[1]]);
});

test("figures are over the available real sets, by hand", () => {
  const figures = figuresOf(WORKED);
  expect(figures.get("acc.sets")).toMatchObject({ value: 2, must: ">= 20", ok: false });
  expect(figures.get("acc.nn-vs-single.gm")).toMatchObject({ must: "<= 0.87", ok: true });
  expect(figures.get("acc.nn-vs-single.gm")!.how).toMatch(/over 2 sets, 4 splits$/);
  expect(figures.get("acc.nn-vs-single.wins")).toMatchObject({ value: 0.5, ok: false });
  expect(figures.get("acc.nn-vs-single.worst")).toMatchObject({ value: 1.5, ok: false });
  expect(figures.get("acc.nn-vs-single.significantly-worse")).toMatchObject({ value: 1 });
  expect(figures.get("acc.all-vs-trees.wins")).toMatchObject({ value: 1, ok: true });
  // Boston's single net has not converged: only yacht counts, 1 − .17 / 4.
  expect(figures.get("acc.max-reduction")!.value).toBeCloseTo(0.9575, 12);
  expect(figures.get("acc.max-reduction")!.how).toContain(
    "on yacht against the single net, of 1 sets",
  );
  // Yacht: .4 <= .5; boston: 3 > 2.65.
  expect(figures.get("acc.published.count")).toMatchObject({ value: 1, ok: false });
});

test("figures whose rivals were not run have no value", () => {
  const figures = figuresOf(twoSplits("cars", { all: [1, 1], nn: [1, 1], single: [1, 1] }));
  expect(figures.get("acc.sets")).toMatchObject({ value: 0, ok: false });
  figures.forEach(({ value, ok, how }, name) => {
    if (name === "acc.sets") return;
    expect([name, value, ok]).toEqual([name, null, null]);
    expect(how).toMatch(/^was not measured: no run of /);
  });
});

test("intervals: rows of all splits count alike, a regime is judged within its split", () => {
  const regime = (nRows: number, nCovered: number) => ({ nRows, nCovered, nHeldOut: 100 });
  const errors = { all: [1, 1], nn: [1, 1], single: [1, 1] } as const;
  const rows = [
    // scipy: of 20 rows 14 to 20 are expected, 13 to 20 if the width rests on 100 errors; 19 rows
    // are too few to judge.
    ...twoSplits("yacht", errors, { regimes: [regime(20, 13), regime(20, 14), regime(19, 0)] }),
    ...twoSplits("boston", errors, { regimes: [regime(400, 360)], meanWidth: 0.6 }),
  ];
  const [yacht, boston] = summariseAccuracy(rows).measurements.sets;
  expect(yacht!.coverage).toEqual({
    nRows: 118,
    share: 54 / 118,
    nRegimes: 4,
    nOutside: 2,
    nOutsideConformal: 0,
    widthVsGlobal: 1,
  });
  expect(boston!.coverage).toMatchObject({ share: 0.9, nOutside: 0, widthVsGlobal: 0.6 });
  const figures = figuresOf(rows);
  expect(figures.get("acc.conformal.coverage-min")).toMatchObject({ value: 54 / 118, ok: false });
  expect(figures.get("acc.conformal.coverage-max")).toMatchObject({ value: 0.9, ok: true });
  expect(figures.get("acc.conformal.regimes-outside")).toMatchObject({ value: 2 / 6, ok: false });
  expect(figures.get("acc.conformal.width-vs-global")).toMatchObject({ value: 0.8, ok: true });
});

test("ranks are of core methods that every real set has, the best first", () => {
  const { ranks } = summariseAccuracy(WORKED).measurements;
  // Yacht: all, xgboost, rf …; boston: single, nn, all, rf. XGBoost is missing on boston.
  expect(ranks!.methods.map(({ method, rank }) => [method, rank])).toEqual([
    ["all", 2],
    ["nn", 2.5],
    ["single", 2.5],
    ["rf", 3],
  ]);
  expect(ranks!.nSets).toBe(2);
  expect(ranks!.difference).toBeCloseTo(2.569032 * Math.sqrt(20 / 12), 6);
  expect(summariseAccuracy([]).measurements.ranks).toBeNull();
});

test("weights are means over splits, and versions are all that were met", () => {
  const mse = { all: 1, nn: 1 };
  const weighed = (net: number, split: number) =>
    accuracyRow({
      set: "yacht",
      split,
      mse,
      weights: { nn: { net: 1 }, all: split === 0 ? { net } : { net, gp: 1 - net } },
      versions: { numpy: split === 0 ? "1" : "2", scipy: "1" },
    });
  const { measurements, versions } = summariseAccuracy([weighed(1, 0), weighed(0.5, 1)]);
  expect(measurements.sets[0]!.weights).toEqual({ nn: { net: 1 }, all: { net: 0.75, gp: 0.25 } });
  expect(versions).toEqual({ numpy: "1, 2", scipy: "1" });
});

test("there are twenty real sets, and none is generated", () => {
  expect(new Set(REAL_SETS).size).toBe(20);
  expect(REAL_SETS.map(kindOfSet)).toEqual(REAL_SETS.map(() => "real"));
  expect(["mv", "two-planes", "pw-linear", "cars"].map(kindOfSet)).toEqual([
    "generated",
    "generated",
    "generated",
    "own",
  ]);
});

test("over a whole run, figures that occur twice agree", () => {
  const rows = sampleAccuracyRows();
  const { measurements, figures } = summariseAccuracy(rows);
  const values = new Map(figures.map(({ name, value }) => [name, value!]));
  expect(figures).toHaveLength(16);
  expect(values.get("acc.sets")).toBe(20);
  const real = measurements.sets.filter(({ kind }) => kind === "real");
  for (const { ours, rival, gm, wins, losses, nBetter, nWorse, ...rest } of measurements.rivals) {
    const own = real.flatMap(({ comparisons }) =>
      comparisons.filter((one) => one.ours === ours && one.rival === rival),
    );
    expect(own).toHaveLength(rest.nSets);
    expect(gm).toBeCloseTo(
      own.reduce((product, { ratio }) => product * ratio ** 0.05, 1),
      9,
    );
    expect(wins + losses).toBe(20);
    expect(nBetter).toBeLessThanOrEqual(wins);
    expect(nWorse).toBeLessThanOrEqual(losses);
    expect(rest.pHolm).toBeGreaterThanOrEqual(rest.p);
    for (const { p, pHolm } of own) expect(pHolm).toBeGreaterThanOrEqual(p);
  }
  const ranks = measurements.ranks!.methods.map(({ rank }) => rank);
  expect(ranks.reduce((a, b) => a + b, 0)).toBeCloseTo((10 * 11) / 2, 9);
  // Rows in another order say the same.
  const other = summariseAccuracy([...rows].reverse());
  other.figures.forEach(({ name, value }) => {
    expect(value).toBeCloseTo(values.get(name)!, 9);
  });
});
