/**
 * Goal: pairs of probabilities become the probabilities that Wu, Lin & Weng 2004 define.
 * Method: consistent pairs give back what they came from; any pairs give the solution of the
 * method's linear system (their equation 21: Qp + b·1 = 0, Σp = 1), here by LU decomposition.
 */
import fc from "fast-check";
import { Matrix as Dense, solve } from "ml-matrix";
import { expect, test } from "vitest";
import { createCoupler } from "../../src/gate/coupling.ts";

function couple(pairs: Float64Array, n: number): number[] {
  const out = new Float64Array(n);
  createCoupler(out.length)(pairs, out);
  return [...out];
}

function bySystem(pairs: Float64Array, n: number): number[] {
  const system = Dense.zeros(n + 1, n + 1);
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < n; b++) {
      if (a === b) continue;
      system.set(a, a, system.get(a, a) + pairs[b * n + a]! ** 2);
      system.set(a, b, -pairs[b * n + a]! * pairs[a * n + b]!);
    }
    system.set(a, n, 1);
    system.set(n, a, 1);
  }
  const right = Dense.zeros(n + 1, 1);
  right.set(n, 0, 1);
  return solve(system, right).to1DArray().slice(0, n);
}

/** Any probabilities of pairs of 2 to 8 classes, as near to 0 and 1 as scores are let. */
const anyPairs = fc
  .integer({ min: 2, max: 8 })
  .chain((n) =>
    fc.tuple(
      fc.constant(n),
      fc.array(
        fc.oneof(
          fc.double({ min: 1e-7, max: 1 - 1e-7, noNaN: true }),
          fc.constantFrom(1e-7, 1 - 1e-7),
        ),
        { minLength: n * n, maxLength: n * n },
      ),
    ),
  )
  .map(([n, cells]) => {
    const pairs = new Float64Array(n * n);
    for (let a = 0; a < n; a++) {
      for (let b = a + 1; b < n; b++) {
        pairs[a * n + b] = cells[a * n + b]!;
        pairs[b * n + a] = 1 - cells[a * n + b]!;
      }
    }
    return { n, pairs };
  });

test("of two classes, each keeps its probability", () => {
  const [first, second] = couple(Float64Array.of(0, 0.7, 0.3, 0), 2);
  expect(first).toBeCloseTo(0.7, 9);
  expect(second).toBeCloseTo(0.3, 9);
});

test("pairs that agree with some probabilities are coupled to them", () => {
  const mass = fc.double({ min: 0.01, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(mass, { minLength: 2, maxLength: 8 }), (masses) => {
      const n = masses.length;
      const total = masses.reduce((sum, each) => sum + each, 0);
      const pairs = new Float64Array(n * n);
      for (let a = 0; a < n; a++) {
        for (let b = 0; b < n; b++) pairs[a * n + b] = masses[a]! / (masses[a]! + masses[b]!);
      }
      const p = couple(pairs, n);
      for (const [a, each] of masses.entries()) expect(p[a]).toBeCloseTo(each / total, 6);
    }),
  );
});

test("any pairs give probabilities, those of the method's linear system", () => {
  fc.assert(
    fc.property(anyPairs, ({ n, pairs }) => {
      const p = couple(pairs, n);
      expect(p.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 12);
      for (const each of p) expect(each).toBeGreaterThanOrEqual(0);
      for (const [a, each] of bySystem(pairs, n).entries()) expect(p[a]).toBeCloseTo(each, 6);
    }),
    { numRuns: 500 },
  );
});
