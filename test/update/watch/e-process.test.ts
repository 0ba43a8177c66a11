/**
 * Goal: the sequential tests seldom cry wolf, however long one looks, and soon find a change.
 * Method: the first bets by hand; many streams without a change, looked at after every value, of
 * which no more than α may ever exceed 1/α; streams that change late.
 */
import { describe, expect, test } from "vitest";
import { createRng } from "../../../src/shared/rng.ts";
import {
  changeStart,
  logEvidence,
  type MeanTest,
  observeValues,
  startMeanTest,
} from "../../../src/update/watch/e-process.ts";
import {
  type BinTest,
  binValues,
  observeBins,
  startBinTest,
} from "../../../src/update/watch/two-sample.ts";

function observeAll(values: readonly number[], bound: number): MeanTest {
  return observeValues(startMeanTest(bound), Float64Array.from(values));
}

describe("the mean test", () => {
  test("bets as one does by hand", () => {
    // Half of the money at the first value, a sixth at the second; a stake of share s wins
    // 1 + (s/.2)(1 − .2) = 1 + 4s at a 1.
    const money = [0.05, 0.15, 0.4, 0.8].map(
      (share) => (0.5 * (1 + 4 * share) + 1 / 6) * (1 + 4 * share),
    );
    const expected = money.reduce((sum, value) => sum + value, 0) / 4 + 1 / 3;
    expect(Math.exp(logEvidence(observeAll([1, 1], 0.2)))).toBeCloseTo(expected, 12);
  });

  test("exceeds 1/α in at most α of streams at the bound, looked at 2,000 times", () => {
    const rng = createRng(1);
    const alpha = 0.1;
    let alarms = 0;
    for (let stream = 0; stream < 300; stream++) {
      let state = startMeanTest(0.2);
      for (let i = 0; i < 2000; i++) {
        state = observeValues(state, Float64Array.of(rng.uniform() < 0.2 ? 1 : 0));
        if (logEvidence(state) < -Math.log(alpha)) continue;
        alarms += 1;
        break;
      }
    }
    expect(alarms / 300).toBeLessThanOrEqual(alpha);
  });

  test("finds a change after 5,000 quiet values within 30, and where it began", () => {
    const quiet = Array.from({ length: 5000 }, (_, i) => (i % 10 === 0 ? 0.5 : 0.01));
    const state = observeAll([...quiet, ...new Array<number>(30).fill(0.9)], 0.2);
    expect(logEvidence(state)).toBeGreaterThan(Math.log(1e4));
    expect(changeStart(state)).toBe(5000);
  });
});

describe("the two-sample test", () => {
  const stream = (seed: number, n: number, shift: number): Float32Array => {
    const rng = createRng(seed);
    return Float32Array.from({ length: n }, () => rng.normal() + shift);
  };
  const observe = (bins: BinTest, values: Float32Array): BinTest => {
    return observeBins(bins, Float64Array.from(values));
  };

  test("cuts old values into bins of equal counts, and ties into one", () => {
    const { edges, counts } = binValues(Float32Array.from({ length: 16 }, (_, i) => i));
    expect(edges).toEqual([2, 4, 6, 8, 10, 12, 14]);
    expect(counts).toEqual([3, 2, 2, 2, 2, 2, 2, 1]);
    expect(binValues(Float32Array.of(0, 0, 0, 1, 1))).toEqual({ edges: [0], counts: [3, 2] });
  });

  test("stays small for values like the old ones and grows for others", () => {
    const alarms = Array.from({ length: 100 }, (_, seed) => {
      const bins = startBinTest(binValues(stream(seed, 100, 0).sort()));
      return observe(bins, stream(1000 + seed, 1000, 0)).logOdds > Math.log(20) ? 1 : 0;
    }).reduce<number>((sum, alarm) => sum + alarm, 0);
    expect(alarms).toBeLessThanOrEqual(5);
    const bins = startBinTest(binValues(stream(7, 300, 0).sort()));
    expect(observe(bins, stream(8, 200, 1)).logOdds).toBeGreaterThan(Math.log(1e4));
  });
});
