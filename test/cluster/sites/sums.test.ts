/**
 * Goal: sums over rows that stay apart give what the rows in one place give.
 * Method: generated sets divided by regime and by turn, in memory; a preprocessing and ridges also
 * against the functions that see the rows.
 */
import { expect, test } from "vitest";
import { ridgesBy } from "../../../src/cluster/sites/candidates.ts";
import { DEFAULT_SUMS } from "../../../src/cluster/sites/fit-sums.ts";
import { chooseCandidate, judgeSites, readLosses } from "../../../src/cluster/sites/judge.ts";
import { learnPreprocessing } from "../../../src/cluster/sites/learn-preprocessing.ts";
import { trainNets } from "../../../src/cluster/sites/train-nets.ts";
import { applyPreprocessing, fitPreprocessing, scaleTarget } from "../../../src/data/index.ts";
import { fitRidge, type RidgeExpert } from "../../../src/experts/index.ts";
import { generatedSites, inMemory } from "./rows.ts";

const { pooled, sites } = generatedSites("five", 300, { by: "regime", nSites: 3 });
const apart = await inMemory(sites);
const together = await inMemory([pooled]);
const preprocessing = await learnPreprocessing(apart.said, apart.askSum);

test("a preprocessing by sums has the means and deviations of all rows", () => {
  const { features, targetName, y } = pooled;
  const all = Int32Array.from(y.keys());
  const whole = fitPreprocessing(features, y, all, targetName);
  whole.features.forEach((feature, f) => {
    const own = preprocessing.features[f]!;
    if (feature.type !== "number" || own.type !== "number") throw new Error("numbers");
    expect(own.mean).toBeCloseTo(feature.mean, 10);
    expect(own.scale / feature.scale).toBeCloseTo(1, 10);
    expect(Math.abs(own.median - feature.median)).toBeLessThan(0.01 * feature.scale);
  });
  expect(preprocessing.target.mean).toBeCloseTo(whole.target.mean, 10);
  expect(preprocessing.target.least).toBeLessThanOrEqual(Math.min(...y));
  expect(preprocessing.target.most).toBeGreaterThanOrEqual(Math.max(...y));
});

test("a ridge by sums has the coefficients of a ridge of all rows, to 1e-6", async () => {
  const form = { preprocessing, seed: 1, gate: null, degree: 2, side: "all" } as const;
  const [regime] = await ridgesBy(form, apart.askSum);
  const X = applyPreprocessing(preprocessing, pooled.features);
  const y = scaleTarget(pooled.y, preprocessing.target);
  const whole = fitRidge({ X, y, weights: null }, 2);
  expect(farthest(regime!.expert as RidgeExpert, whole)).toBeLessThan(1e-6);
  expect(regime!.nSites).toBe(3);
});

function farthest(a: RidgeExpert, b: RidgeExpert): number {
  const size = Math.max(...b.coefficients.map(Math.abs));
  return Math.max(...a.coefficients.map((c, t) => Math.abs(c - b.coefficients[t]!))) / size;
}

test("nets are the same after 200 steps on the same draws, to 1e-4", async () => {
  const options = {
    ...DEFAULT_SUMS,
    preprocessing,
    nExperts: 2,
    hidden: [6],
    steps: 200,
    share: 0.3,
    side: "training",
  } as const;
  const [one, other] = [
    await trainNets(options, apart.askSum),
    await trainNets(options, together.askSum),
  ];
  const nets = [...one.experts, one.gate!];
  [...other.experts, other.gate!].forEach((net, k) => {
    const far = net.parameters.map((p, at) => Math.abs(p - nets[k]!.parameters[at]!));
    expect(Math.max(...far)).toBeLessThan(1e-4);
  });
});

test("the simplest candidate within an error of the best is taken, and judged by rows", () => {
  // Losses of a single expert and of a mixture on 100 rows: 1 and .5 on average, in turns.
  const single = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 0.9 : 1.1));
  const mixture = single.map((loss, i) => loss / 2 + (i % 4 === 0 ? 0.02 : 0));
  const product = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, loss, i) => sum + loss * b[i]!, 0);
  const ones = single.map(() => 1);
  const losses = readLosses(
    Float64Array.of(
      100,
      0,
      200,
      ...[single, mixture].map((own) => product(own, ones)),
      ...[product(single, single), product(single, mixture), product(mixture, mixture)],
    ),
    2,
  );
  expect(losses.variance).toBe(2);
  const difference = single.map((loss, i) => loss - mixture[i]!);
  const mean = product(difference, ones) / 100;
  const squares = product(difference, difference) / 100;
  expect(losses.errorOf(0, 1)).toBeCloseTo(Math.sqrt((squares - mean ** 2) / 100), 12);
  expect(chooseCandidate(losses)).toBe(1);
  expect(judgeSites(losses, 1, 1)).toMatchObject({
    partitioning: "worth it",
    why: expect.stringContaining("49.5 % lower"),
  });
  expect(judgeSites(losses, 0, 1).partitioning).toBe("not worth it");
});
