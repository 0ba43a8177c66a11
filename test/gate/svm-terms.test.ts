/**
 * Goal: a linear or quadratic machine of one vector decides as libsvm's machine of many does.
 * Method: decision values stored from scikit-learn 1.9.1 with numpy 2.4.6, which wraps another
 * version of libsvm:
 *
 *   X = np.array([[((7*i) % 13)/6 - 1, ((5*i) % 11)/5 - 1] for i in range(24)], np.float32)
 *   circle = np.where(X[:, 0]**2 + X[:, 1]**2 < 0.8, 1, -1)
 *   plane = np.where(X[:, 0] + 0.5*X[:, 1] > 0.1, 1, -1)
 *   noisy = plane.copy(); noisy[[3, 8, 14]] *= -1
 *   Q = np.array([[0.1, 0.2], [1, -1], [-0.7, 0.4], [0.9, 0.1]], np.float32)
 *   SVC(kernel, C=C, degree=2, coef0=1, gamma=0.5, tol=1e-10).fit(X.astype(float), y)
 *     .decision_function(Q.astype(float))
 */
import { afterAll, expect, test } from "vitest";
import { decisionsOf } from "../../src/gate/svm-machine.ts";
import { readModel } from "../../src/gate/svm-model.ts";
import { collapse, writeTerms } from "../../src/gate/svm-terms.ts";
import { openSvmTrainer } from "../../src/gate/svm-trainer.ts";
import { matrix } from "../../src/shared/matrix.ts";

const trainer = openSvmTrainer();
afterAll(() => trainer.close());

const LATTICE = matrix(
  Float32Array.from({ length: 48 }, (_, e) => {
    const i = Math.floor(e / 2);
    return e % 2 === 0 ? ((7 * i) % 13) / 6 - 1 : ((5 * i) % 11) / 5 - 1;
  }),
  24,
  2,
);
const QUERIES = matrix(Float32Array.of(0.1, 0.2, 1, -1, -0.7, 0.4, 0.9, 0.1), 4, 2);
const labelsOf = (isUp: (x: number, y: number) => boolean): Int8Array =>
  Int8Array.from({ length: 24 }, (_, i) =>
    isUp(LATTICE.values[2 * i]!, LATTICE.values[2 * i + 1]!) ? 1 : -1,
  );
const PLANE = labelsOf((x, y) => x + 0.5 * y > 0.1);
const CIRCLE = labelsOf((x, y) => x * x + y * y < 0.8);
const NOISY = PLANE.map((label, i) => ([3, 8, 14].includes(i) ? -label : label));

test.each([
  [
    "linear",
    "plane",
    10,
    [-0.06775062591560443, 3.688346868679964, -3.1246611604558057, 2.956639533945825],
  ],
  [
    "linear",
    "noisy",
    10,
    [-0.3005464135716822, 3.437158099598861, -2.6284150879376047, 1.9125681453258827],
  ],
  [
    "quadratic",
    "circle",
    100,
    [4.490599546515559, -8.317386698555776, -0.827538592134462, -1.1309349506892472],
  ],
  [
    "quadratic",
    "noisy",
    10,
    [-0.39492818783157096, 4.772943744502863, -2.0936394181982925, 1.7854587163145883],
  ],
] as const)(
  "decisions are scikit-learn's: %s, %s, C = %d",
  async (kernel, kind, cost, expected) => {
    const labels = { plane: PLANE, circle: CIRCLE, noisy: NOISY }[kind];
    const problem = { X: LATTICE, labels, kernel, cost, gamma: 0.5, tolerance: 1e-10 };
    const machine = readModel(await trainer.train(problem), 0.5, LATTICE, kernel);
    expect(machine.supportVectors.nRows).toBe(1);
    const decisions = decisionsOf(machine, { kernel, gamma: 0.5 }, QUERIES, [0, 1, 2, 3]);
    for (const [i, value] of expected.entries()) {
      expect(Math.abs(decisions[i]! - value)).toBeLessThan(2e-6);
    }
  },
);

test("the terms of two inputs are those, their squares and their product", () => {
  const terms = new Float64Array(5);
  writeTerms("quadratic", Float64Array.of(9, 2, 3), { start: 1, nInputs: 2 }, terms);
  expect([...terms]).toEqual([2, 3, 4, 6, 9]);
});

test("a quadratic machine of two vectors collapses by hand", () => {
  // 3 (½·2x + 1)² − 1 (½·0x + 1)² − 5 = 3x² + 6x − 3.
  const machine = collapse("quadratic", 0.5, {
    supportVectors: matrix(Float32Array.of(2, 0), 2, 1),
    coefficients: Float64Array.of(3, -1),
    rho: 5,
  });
  expect([...machine.supportVectors.values]).toEqual([6, 3]);
  expect(machine.rho).toBe(3);
});
