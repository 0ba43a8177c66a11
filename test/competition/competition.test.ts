/**
 * Goal: a round of competition is correct, deterministic and refuses what cannot be judged.
 * Method: worked examples that a reader can check by hand, then properties that must hold for
 * every cost matrix, then each documented error once.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  annealedResponsibilities,
  assignWinners,
  churn,
  expertShares,
  gateConsistentCosts,
  keepExperts,
  noiseVariance,
  randomResponsibilities,
  squaredErrors,
  survivingExperts,
  temperatureAt,
} from "../../src/competition/index.ts";
import { createRng } from "../../src/shared/rng.ts";

/** Costs with their number of experts: 1–5 experts by 1–40 samples, sample-major. */
const costMatrix = fc
  .record({ nExperts: fc.integer({ min: 1, max: 5 }), nSamples: fc.integer({ min: 1, max: 40 }) })
  .chain(({ nExperts, nSamples }) => {
    const length = nExperts * nSamples;
    const costs = fc.float64Array({
      minLength: length,
      maxLength: length,
      min: -50,
      max: 50,
      noNaN: true,
    });
    return fc.record({ costs, nExperts: fc.constant(nExperts), nSamples: fc.constant(nSamples) });
  });

describe("assignWinners", () => {
  test("gives each sample to the lowest cost, ties to the lowest index", () => {
    const { winners, counts } = assignWinners(Float64Array.of(0.1, 0.4, 0.9, 0.2, 0.5, 0.5), 2);
    expect([...winners]).toEqual([0, 1, 0]);
    expect([...counts]).toEqual([2, 1]);
  });

  test("no expert is cheaper than the winner, and counts add up", () => {
    fc.assert(
      fc.property(costMatrix, ({ costs, nExperts, nSamples }) => {
        const { winners, counts } = assignWinners(costs, nExperts);
        for (let i = 0; i < nSamples; i++) {
          const own = costs.subarray(i * nExperts, (i + 1) * nExperts);
          // A difference, since -0 is no cheaper than 0.
          expect(own[winners[i]!]! - Math.min(...own)).toBe(0);
        }
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(nSamples);
      }),
    );
  });

  test("refuses NaN, a sample that no expert can win, and a ragged matrix", () => {
    const infinite = Number.POSITIVE_INFINITY;
    expect(() => assignWinners(Float64Array.of(1, Number.NaN), 2)).toThrow(
      expect.objectContaining({ code: "EXPERT_DIVERGED" }),
    );
    expect(() => assignWinners(Float64Array.of(infinite, infinite), 2)).toThrow(
      expect.objectContaining({ code: "EXPERT_DIVERGED" }),
    );
    expect(() => assignWinners(new Float64Array(5), 2)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION" }),
    );
  });
});

describe("responsibilities", () => {
  test("are the softmax of negative costs, and all to the winner when cold", () => {
    const costs = Float64Array.of(0, Math.log(3));
    const warm = annealedResponsibilities(costs, 2, 1);
    expect(warm[0]).toBeCloseTo(0.75, 6);
    expect(warm[1]).toBeCloseTo(0.25, 6);
    expect([...annealedResponsibilities(costs, 2, 0)]).toEqual([1, 0]);
  });

  test("sum to 1 in every row, at every temperature, and permute with the experts", () => {
    const temperature = fc.double({ min: 0, max: 2, noNaN: true });
    fc.assert(
      fc.property(costMatrix, temperature, ({ costs, nExperts, nSamples }, T) => {
        const responsibilities = annealedResponsibilities(costs, nExperts, T);
        for (let i = 0; i < nSamples; i++) {
          const own = responsibilities.subarray(i * nExperts, (i + 1) * nExperts);
          expect(own.reduce((sum, r) => sum + r, 0)).toBeCloseTo(1, 5);
        }
        const order = Array.from({ length: nExperts }, (_, k) => (k + 1) % nExperts);
        const turned = costs.map(
          (_, e) => costs[Math.floor(e / nExperts) * nExperts + order[e % nExperts]!]!,
        );
        if (T < 1e-3) return;
        const turnedBack = annealedResponsibilities(turned, nExperts, T);
        turnedBack.forEach((r, e) => {
          const from = Math.floor(e / nExperts) * nExperts + order[e % nExperts]!;
          expect(r).toBeCloseTo(responsibilities[from]!, 5);
        });
      }),
    );
  });

  test("an expert of infinite cost gets nothing", () => {
    const costs = Float64Array.of(1, Number.POSITIVE_INFINITY);
    expect([...annealedResponsibilities(costs, 2, 0.5)]).toEqual([1, 0]);
  });

  test("start as one random expert a sample", () => {
    const responsibilities = randomResponsibilities(500, 4, createRng(3));
    const shares = expertShares(responsibilities, 4);
    expect(responsibilities.reduce((sum, r) => sum + r, 0)).toBe(500);
    for (const share of shares) expect(Math.abs(share - 0.25)).toBeLessThan(0.08);
  });

  test("the temperature falls from 1 to 0 before the last rounds", () => {
    expect(temperatureAt(0, 12)).toBe(1);
    expect(temperatureAt(5, 12)).toBeCloseTo(0.5, 12);
    expect(temperatureAt(10, 12)).toBe(0);
    expect(temperatureAt(11, 12)).toBe(0);
  });
});

describe("dropping experts", () => {
  test("keeps those with share and rows enough, the largest alone if none has", () => {
    const rule = { minShare: 0.03, minRows: 12 };
    expect(survivingExperts(Float64Array.of(0.5, 0.02, 0.48), 1000, rule)).toEqual([0, 2]);
    expect(survivingExperts(Float64Array.of(0.5, 0.1, 0.4), 100, rule)).toEqual([0, 2]);
    expect(survivingExperts(Float64Array.of(0.4, 0.6), 10, rule)).toEqual([1]);
  });

  test("renormalises what is left and shares rows that lost their only expert", () => {
    const responsibilities = Float32Array.of(0.5, 0.25, 0.25, 0, 1, 0);
    expect([...keepExperts(responsibilities, 3, [0, 2])].map((r) => r.toFixed(4))).toEqual([
      "0.6667",
      "0.3333",
      "0.5000",
      "0.5000",
    ]);
  });
});

describe("costs", () => {
  test("are the error in units of noise plus what the gate would have to give up", () => {
    const errors = squaredErrors([Float32Array.of(1, 2), Float32Array.of(3, Number.NaN)], [2, 2]);
    expect([...errors]).toEqual([1, 1, 0, Number.POSITIVE_INFINITY]);
    const scores = Float64Array.of(0.5, 0.5, 0.9, 0.1);
    const costs = gateConsistentCosts(errors, scores, { noise: 0.5, consistency: 1 });
    expect(costs[0]).toBeCloseTo(1 - Math.log(0.5001), 10);
    expect(costs[2]).toBeCloseTo(-Math.log(0.9001), 10);
    expect(costs[3]).toBe(Number.POSITIVE_INFINITY);
    const capped = gateConsistentCosts(Float64Array.of(1e9), Float64Array.of(1), {
      noise: 1,
      consistency: 0,
    });
    expect(capped[0]).toBe(30);
  });

  test("noise is the responsible squared error, floored, infinite errors left out", () => {
    const errors = Float64Array.of(4, 1, 2, Number.POSITIVE_INFINITY);
    expect(noiseVariance(errors, Float32Array.of(1, 0, 1, 0))).toBe(3);
    expect(noiseVariance(new Float64Array(2), Float32Array.of(1, 1))).toBe(1e-4);
  });
});

test("churn is the fraction of samples that changed winner", () => {
  expect(churn(Int32Array.of(0, 1, 1, 0), Int32Array.of(0, 1, 0, 0))).toBe(0.25);
  expect(churn(new Int32Array(0), new Int32Array(0))).toBe(0);
});
