/** Every family through the same checks; the Gaussian process against scikit-learn's. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type ExpertEntry, readLooseExpert, writeLooseExpert } from "../../src/bundle/index.ts";
import { describeExpert } from "../../src/bundle/pack-bundle.ts";
import { factorise } from "../../src/experts/gp/cholesky.ts";
import { EXACT_ROWS } from "../../src/experts/gp/fit.ts";
import { covarianceOf } from "../../src/experts/gp/kernel.ts";
import { distancesOf, negativeLogLikelihood } from "../../src/experts/gp/likelihood.ts";
import { predictGp } from "../../src/experts/gp/predict.ts";
import {
  createReferenceEngine,
  type Expert,
  expertInputs,
  FAMILIES,
  fitFamily,
  type GpExpert,
  predictExpert,
  type Samples,
  tuneFamilies,
} from "../../src/experts/index.ts";
import { takeRows } from "../../src/shared/matrix.ts";
import { childSeed, createRng } from "../../src/shared/rng.ts";

const engine = createReferenceEngine();

function drawSamples(nRows: number, seed: number, nColumns = 3): Samples {
  const rng = createRng(childSeed(seed, "samples"));
  const values = Float32Array.from({ length: nRows * nColumns }, () => rng.normal());
  const y = Float32Array.from({ length: nRows }, (_, i) => {
    const [a, b = 0] = values.subarray(i * nColumns, i * nColumns + 2);
    return Math.sin(1.5 * a!) + 0.5 * a! * b + 0.05 * rng.normal();
  });
  return { X: { values, nRows, nColumns }, y, weights: null, groups: null };
}

const answersOf = (expert: Expert, { X }: Samples): readonly number[] => [
  ...predictExpert(engine, expert, X),
];

function lossOf(expert: Expert, samples: Samples): number {
  const answers = answersOf(expert, samples);
  return answers.reduce((sum, f, i) => sum + (f - samples.y[i]!) ** 2, 0) / answers.length;
}

describe.each(FAMILIES)("family %s", (family) => {
  const fitOne = (samples: Samples, seed = 1): Expert => fitFamily(family, samples, seed);

  test("follows a smooth function of a few hundred rows", () => {
    const loss = lossOf(fitOne(drawSamples(400, 1)), drawSamples(400, 2));
    expect(loss).toBeLessThan({ ridge: 0.4, gp: 0.02, trees: 0.12, forest: 0.25 }[family]);
  });

  test("the same seed gives the same bits, and a row's answer depends on that row alone", () => {
    const samples = drawSamples(120, 1);
    const expert = fitOne(samples);
    expect(fitOne(samples)).toEqual(expert);
    const all = answersOf(expert, samples);
    const one = Array.from({ length: 120 }, (_, i) => {
      return predictExpert(engine, expert, takeRows(samples.X, [i]))[0]!;
    });
    expect(one).toEqual(all);
  });

  test("comes back from its blob to the bit; a spoilt blob is refused", () => {
    const samples = drawSamples(60, 3);
    const expert = fitOne(samples);
    const residuals = { nSamples: 0, meanError: 0, meanSquaredError: 0, meanFourthPower: 0 };
    const facts = { id: "m0.e0", share: 1, residuals };
    const entry: ExpertEntry = describeExpert(expert, facts, () => "0".repeat(64));
    const { hash, blob } = writeLooseExpert(entry, expert);
    expect(answersOf(readLooseExpert(hash, blob), samples)).toEqual(answersOf(expert, samples));
    const spoilt = Uint8Array.from(blob);
    spoilt[spoilt.length - 1]! ^= 1;
    expect(() => readLooseExpert(hash, spoilt)).toThrow(/must have the content/);
    const named = "1".repeat(64);
    expect(() => readLooseExpert(named, blob)).toThrow(/must name the blob/);
    for (const length of [0, 3, 4, 100]) {
      expect(() => readLooseExpert(hash, blob.slice(0, length))).toThrow(/is cut/);
    }
  });

  test.each([
    [
      "constant inputs",
      (s: Samples) => ({ ...s, X: { ...s.X, values: new Float32Array(s.X.values.length) } }),
    ],
    ["a constant target", (s: Samples) => ({ ...s, y: new Float32Array(s.y.length).fill(2) })],
    [
      "every row twice",
      (s: Samples) => {
        const rows = Array.from({ length: 2 * s.y.length }, (_, i) => i >> 1);
        return { ...s, X: takeRows(s.X, rows), y: Float32Array.from(rows, (i) => s.y[i]!) };
      },
    ],
    ["one huge target", (s: Samples) => ({ ...s, y: s.y.map((v, i) => (i === 0 ? 1e6 : v)) })],
  ] as const)("answers with finite numbers for %s", (_, spoil) => {
    const samples = spoil(drawSamples(50, 4));
    expect(answersOf(fitOne(samples), samples).every(Number.isFinite)).toBe(true);
  });

  test.each([1, 2, 3])("fits %i rows of one input", (n) => {
    const samples = drawSamples(n, 5, 1);
    const expert = fitOne(samples);
    expect(expertInputs(expert)).toBe(1);
    expect(answersOf(expert, samples).every(Number.isFinite)).toBe(true);
  });

  test("rows of no weight do not matter", () => {
    const samples = drawSamples(200, 6);
    const rng = createRng(8);
    const y = samples.y.map((value, i) => (i % 2 === 0 ? value : 10 * rng.normal()));
    const weights = Float32Array.from(y, (_, i) => (i % 2 === 0 ? 1 : 0));
    const weighted = fitOne({ ...samples, y, weights });
    expect(lossOf(weighted, drawSamples(200, 7))).toBeLessThan(0.5);
  });

  test("numbers that are not finite are refused, and rows of another width", () => {
    const samples = drawSamples(30, 9);
    samples.y[3] = Number.NaN;
    expect(() => fitOne(samples)).toThrow(/y must be finite, entry 3/);
    const narrow = fitOne(drawSamples(30, 9));
    expect(() => predictExpert(engine, narrow, drawSamples(5, 1, 2).X)).toThrow(/must be 3, got 2/);
  });
});

test.each([
  ["a root that comes twice", { roots: [0, 0] }, /roots must ascend/],
  ["a first root that is not the first node", { roots: [1, 3] }, /roots must ascend/],
  ["a child in the next tree", { children: [2, 0, 0, 0] }, /later nodes of their tree/],
  ["a child before its node", { children: [0, 0, 0, 0] }, /later nodes of their tree/],
])("a blob of trees with %s is refused: a walk would not end in its tree", (_, spoil, said) => {
  const { roots, children } = { roots: [0, 3], children: [1, 0, 0, 0], ...spoil };
  const expert: Expert = {
    kind: "trees",
    family: "trees",
    nFeatures: 2,
    base: 0,
    features: Int32Array.of(1, -1, -1, -1),
    thresholds: new Float32Array(4),
    children: Int32Array.from(children),
    values: new Float32Array(4),
    roots: Int32Array.from(roots),
  };
  const residuals = { nSamples: 0, meanError: 0, meanSquaredError: 0, meanFourthPower: 0 };
  const facts = { id: "m0.e0", share: 1, residuals };
  const { hash, blob } = writeLooseExpert(
    describeExpert(expert, facts, () => "0".repeat(64)),
    expert,
  );
  expect(() => readLooseExpert(hash, blob)).toThrow(said);
});

interface Fixture {
  readonly X: readonly (readonly number[])[];
  readonly y: readonly number[];
  readonly Z: readonly (readonly number[])[];
  readonly lengths: readonly number[];
  readonly signal: number;
  readonly noise: number;
  readonly linear: number;
  readonly logLikelihood: number;
  readonly answers: readonly number[];
}

const fixture = JSON.parse(
  readFileSync(new URL("families/gp-scikit-learn.json", import.meta.url), "utf8"),
) as Fixture;

const matrixOf = (rows: readonly (readonly number[])[]) => ({
  values: Float32Array.from(rows.flat()),
  nRows: rows.length,
  nColumns: rows[0]!.length,
});

describe("Gaussian process against scikit-learn", () => {
  const { lengths, signal, noise, linear } = fixture;
  const parameters = Float64Array.from([...lengths, signal, noise, linear], Math.log);
  const X = matrixOf(fixture.X);

  test("the log marginal likelihood", () => {
    const { value } = negativeLogLikelihood(distancesOf(X), fixture.y, parameters)!;
    expect(-value).toBeCloseTo(fixture.logLikelihood, 6);
  });

  test("its gradient is that of central differences", () => {
    const distances = distancesOf(X);
    const { gradient } = negativeLogLikelihood(distances, fixture.y, parameters)!;
    const step = 1e-5;
    parameters.forEach((_, p) => {
      const at = (offset: number): number => {
        const moved = parameters.slice();
        moved[p]! += offset;
        return negativeLogLikelihood(distances, fixture.y, moved)!.value;
      };
      expect(gradient[p]).toBeCloseTo((at(step) - at(-step)) / (2 * step), 4);
    });
  });

  test("its answers", () => {
    const kernel = { lengths: Float64Array.from(lengths), signal, noise, linear };
    const n = X.nRows;
    const K = covarianceOf(kernel, X);
    for (let i = 0; i < n; i++) K[i * n + i]! += noise ** 2 + 1e-6;
    expect(factorise(K, n)).toBe(true);
    const weights = solve(K, n, fixture.y);
    const answers = predictGp({ kind: "gp", kernel, centres: X, weights }, matrixOf(fixture.Z));
    for (const [i, answer] of answers.entries()) {
      expect(answer).toBeCloseTo(fixture.answers[i]!, 5);
    }
  });
});

/** Forward and back by a factor, as a textbook has it. */
function solve(L: Float64Array, n: number, b: readonly number[]): Float64Array {
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= L[i * n + k]! * x[k]!;
    x[i]! /= L[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= L[k * n + i]! * x[k]!;
    x[i]! /= L[i * n + i]!;
  }
  return x;
}

test("beyond the limit of rows, inducing points are nearly as good", () => {
  const samples = drawSamples(EXACT_ROWS + 200, 11, 2);
  const settings = tuneFamilies(["gp"], samples, 1, { kernelRows: 200 });
  const expert = fitFamily("gp", samples, 1, settings) as GpExpert;
  expect(expert.centres.nRows).toBeLessThan(EXACT_ROWS);
  expect(lossOf(expert, drawSamples(300, 12, 2))).toBeLessThan(0.01);
});

test("boosted trees are as many as asked at most, but for the few more that all rows need", () => {
  const samples = drawSamples(200, 13, 2);
  const { trees } = tuneFamilies(["trees"], samples, 1, { nTrees: 40 });
  for (const { nTrees } of trees!) expect(nTrees).toBeLessThanOrEqual(Math.round(1.15 * 40));
  const more = tuneFamilies(["trees"], samples, 1).trees!;
  expect(Math.max(...more.map(({ nTrees }) => nTrees))).toBeGreaterThan(46);
});
