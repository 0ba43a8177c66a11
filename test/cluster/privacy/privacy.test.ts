/**
 * Goal: a stated ε is that of others' accountants, and noise is drawn from the law that it names.
 * Method: 200 random settings of dp-accounting.json, which sites-accounting.py made with Google's
 * dp-accounting; the Gaussian mechanism, whose ε is known exactly; sums over many exact samples.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  addDiscreteGaussian,
  discreteGaussian,
  gaussianDelta,
  gaussianEpsilon,
  gaussianNoise,
  joinedNoise,
  pldEpsilon,
  rdpEpsilon,
  renyiDivergence,
} from "../../../src/cluster/privacy/index.ts";

type Setting = readonly [
  share: number,
  noise: number,
  steps: number,
  delta: number,
  rdp: number,
  pld: number,
];

const file = new URL("../../../experiments/sites/dp-accounting.json", import.meta.url);
const settings: readonly Setting[] = JSON.parse(readFileSync(file, "utf8"));

describe("ε beside dp-accounting's, over 200 settings", () => {
  // At orders between whole ones its series give too much, or do not converge and are left out.
  test("by Rényi divergences: within .1 %, or in a few settings up to 1 % below", () => {
    expect(settings).toHaveLength(200);
    const ratios = settings.map(([share, noise, steps, delta, rdp]) => {
      return rdpEpsilon({ share, noise, steps }, delta) / rdp;
    });
    expect(Math.max(...ratios)).toBeLessThan(1 + 1e-5);
    expect(Math.min(...ratios)).toBeGreaterThan(1 - 1e-2);
    expect(ratios.filter((ratio) => ratio < 1 - 1e-3).length).toBeLessThan(10);
  });

  test("by privacy loss distributions: within 1 %", () => {
    const ratios = settings.map(([share, noise, steps, delta, , pld]) => {
      return pldEpsilon({ share, noise, steps }, delta) / pld;
    });
    expect(Math.max(...ratios)).toBeLessThan(1 + 1e-2);
    expect(Math.min(...ratios)).toBeGreaterThan(1 - 1e-2);
  }, 600_000);
});

// mpmath 1.4.1, quad with 30 digits: dp-accounting has .0018863 at 2.5.
test.each([
  [2.1, 0.001080911240235232],
  [2.5, 0.001877894353251267],
  [3, 0.005729120769728061],
])("a divergence of order %d is the integral", (order, expected) => {
  const step = { share: 0.0048, noise: 0.516, steps: 1 };
  expect(renyiDivergence(step, order) / expected).toBeCloseTo(1, 9);
});

test("the distribution of one whole sum gives the exact ε of the Gaussian mechanism", () => {
  for (const epsilon of [0.5, 3]) {
    const noise = gaussianNoise(epsilon, 1e-6);
    expect(gaussianDelta(noise, epsilon)).toBeCloseTo(1e-6, 12);
    expect(pldEpsilon({ share: 1, noise, steps: 1 }, 1e-6) / epsilon).toBeCloseTo(1, 4);
    // Four sums with twice the noise are as private as one.
    expect(pldEpsilon({ share: 1, noise: 2 * noise, steps: 4 }, 1e-6) / epsilon).toBeCloseTo(1, 4);
  }
});

test("a stated ε is that of the noise, of one sum and of several", () => {
  for (const epsilon of [0.1, 1, 3, 8, 50]) {
    const noise = gaussianNoise(epsilon, 1e-6);
    expect(gaussianEpsilon(noise, 1e-6) / epsilon).toBeCloseTo(1, 9);
    const parts = [0.01, 0.1, 0.89].map((share) => noise / Math.sqrt(share));
    expect(joinedNoise(parts) / noise).toBeCloseTo(1, 12);
    // Rényi divergences give an upper bound, which is not far above.
    const bound = rdpEpsilon({ share: 1, noise, steps: 1 }, 1e-6);
    expect(bound / epsilon).toBeGreaterThan(1);
    expect(bound / epsilon).toBeLessThan(1.3);
  }
  expect(gaussianEpsilon(1e7, 1e-6)).toBe(0);
  expect(gaussianEpsilon(0.01, 1e-6)).toBe(Number.POSITIVE_INFINITY);
});

test.each([
  [{ share: 0, noise: 1, steps: 1 }],
  [{ share: 1.5, noise: 1, steps: 1 }],
  [{ share: 0.1, noise: 0, steps: 1 }],
  [{ share: 0.1, noise: 1, steps: 0 }],
])("%j is refused", (steps) => {
  const refused = expect.objectContaining({ code: "INVALID_OPTION" });
  expect(() => rdpEpsilon(steps, 1e-6)).toThrow(refused);
  expect(() => pldEpsilon(steps, 1e-6)).toThrow(refused);
  expect(() => gaussianNoise(steps.share === 0 ? 0 : 1, 0)).toThrow(refused);
});

describe("discrete Gaussian samples", () => {
  test("of a small deviation have the law's probabilities", () => {
    const n = 20_000;
    const counts = new Map<bigint, number>();
    for (let i = 0; i < n; i++) {
      const drawn = discreteGaussian(2n);
      counts.set(drawn, (counts.get(drawn) ?? 0) + 1);
    }
    const weight = (x: number): number => Math.exp((-x * x) / 8);
    const values = Array.from({ length: 81 }, (_, i) => i - 40);
    const total = values.reduce((sum, x) => sum + weight(x), 0);
    for (const x of [-3, -1, 0, 1, 2, 4]) {
      const expected = (n * weight(x)) / total;
      // Five standard errors of a count.
      const bound = 5 * Math.sqrt(expected);
      expect(Math.abs((counts.get(BigInt(x)) ?? 0) - expected)).toBeLessThan(bound);
    }
  });

  test("of a large one have its variance, and carry over 32 bits", () => {
    const words = new Uint32Array(2 * 2000);
    const deviation = 5e9;
    addDiscreteGaussian(words, deviation);
    let squares = 0;
    for (let i = 0; i < words.length; i += 2) {
      squares += (((words[i + 1]! | 0) * 2 ** 32 + words[i]!) / deviation) ** 2;
    }
    // Six standard errors of a variance of 2,000 samples.
    expect(Math.abs(squares / 2000 - 1)).toBeLessThan(6 * Math.sqrt(2 / 2000));
  });
});
