/**
 * Goal: the SVM gate is libsvm's machine, our evaluator of it, and calibrated probabilities.
 * Method: decision values of scikit-learn 1.9.1's SVC(C=10, gamma=0.5, tol=1e-10) on a lattice of
 * 24 points inside and outside a circle; libsvm's own predictions on random rows; Platt's
 * intercept and slope by scipy 1.17.1's BFGS; properties of the coupling.
 *   X = [[((7i) % 13) / 6 − 1, ((5i) % 11) / 5 − 1] for i in range(24)]; y = x·x < 0.8
 *   decision_function([[.1, .2], [1, −1], [−.7, .4], [.9, .1]])
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createReferenceEngine } from "../../src/experts/index.ts";
import { couplePairs } from "../../src/gate/coupling.ts";
import { gateScores, topExperts } from "../../src/gate/index.ts";
import { fitSigmoid } from "../../src/gate/platt.ts";
import { decisionFunction, decisionValue } from "../../src/gate/svm-decision.ts";
import { fitSvmGate } from "../../src/gate/svm-gate.ts";
import { openSvmTrainer } from "../../src/gate/svm-worker.ts";
import { type Matrix, matrix, rowOf, takeRows } from "../../src/shared/matrix.ts";
import { createRng } from "../../src/shared/rng.ts";

const LATTICE = matrix(
  Float32Array.from({ length: 48 }, (_, e) => {
    const i = Math.floor(e / 2);
    return e % 2 === 0 ? ((7 * i) % 13) / 6 - 1 : ((5 * i) % 11) / 5 - 1;
  }),
  24,
  2,
);

function randomRows(nRows: number, seed: number): Matrix {
  const rng = createRng(seed);
  return matrix(
    Float32Array.from({ length: nRows * 2 }, () => 2 * rng.uniform() - 1),
    nRows,
    2,
  );
}

const insideCircle = (X: Matrix, i: number): boolean =>
  X.values[2 * i]! ** 2 + X.values[2 * i + 1]! ** 2 < 0.8;

const listOf = (X: Matrix): number[][] =>
  Array.from({ length: X.nRows }, (_, i) => [...rowOf(X, i)]);

describe("decision values", () => {
  const labels = Array.from({ length: 24 }, (_, i) => (insideCircle(LATTICE, i) ? 1 : -1));
  const problem = { rows: listOf(LATTICE), labels, cost: 10, gamma: 0.5 };

  test("are scikit-learn's", async () => {
    const trainer = openSvmTrainer();
    const machine = decisionFunction(await trainer.train(problem), LATTICE);
    await trainer.close();
    const queries = matrix(Float32Array.of(0.1, 0.2, 1, -1, -0.7, 0.4, 0.9, 0.1), 4, 2);
    const expected = [
      2.6754181922194897, -2.545885837638167, 0.18650585726473867, 0.6298074884833436,
    ];
    for (const [i, value] of expected.entries()) {
      expect(Math.abs(decisionValue(machine, 0.5, queries, i) - value)).toBeLessThan(2e-3);
    }
  });

  test("have the sign of libsvm's own predictions", async () => {
    const trainer = openSvmTrainer();
    const probe = randomRows(400, 3);
    const trained = await trainer.train(problem, listOf(probe));
    await trainer.close();
    const machine = decisionFunction(trained, LATTICE);
    expect(trained.predictions).toHaveLength(400);
    for (const [i, prediction] of trained.predictions.entries()) {
      const decision = decisionValue(machine, 0.5, probe, i);
      if (Math.abs(decision) > 1e-6) expect(Math.sign(decision)).toBe(prediction);
    }
  });

  test("keep their sign when the other label comes first", async () => {
    const trainer = openSvmTrainer();
    const turned = takeRows(LATTICE, [...Array(24).keys()].reverse());
    const backwards = { ...problem, rows: listOf(turned), labels: [...labels].reverse() };
    const forward = decisionFunction(await trainer.train(problem), LATTICE);
    const reverse = decisionFunction(await trainer.train(backwards), turned);
    await trainer.close();
    for (let i = 0; i < 24; i++) {
      const difference =
        decisionValue(forward, 0.5, LATTICE, i) - decisionValue(reverse, 0.5, LATTICE, i);
      expect(Math.abs(difference)).toBeLessThan(2e-3);
    }
  });
});

describe("a fitted gate", () => {
  const X = randomRows(300, 5);
  const labels = Int32Array.from({ length: 300 }, (_, i) => {
    if (insideCircle(X, i)) return X.values[2 * i]! < 0 ? 0 : 1;
    return 2;
  });

  test("tells three regimes apart, in probabilities, the same bits for one row or many", async () => {
    const gate = await fitSvmGate(X, labels, 3, { seed: 1 });
    expect(gate.machines.map(({ first, second }) => [first, second])).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
    const engine = createReferenceEngine();
    const fresh = randomRows(200, 6);
    const scores = gateScores(engine, gate, fresh);
    const top = topExperts(scores, 3);
    const right = [...top].filter((expert, i) => {
      if (!insideCircle(fresh, i)) return expert === 2;
      return expert === (fresh.values[2 * i]! < 0 ? 0 : 1);
    });
    expect(right.length / 200).toBeGreaterThan(0.9);
    for (let i = 0; i < 200; i++) {
      const own = scores.subarray(3 * i, 3 * i + 3);
      expect(own.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
    }
    expect([...gateScores(engine, gate, takeRows(fresh, [17]))]).toEqual([
      ...scores.subarray(51, 54),
    ]);
  });

  test("is the same again with the same seed, and leaves the main thread free", async () => {
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
    }, 1);
    const first = await fitSvmGate(X, labels, 3, { seed: 2, maxRows: 100 });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(0);
    expect(await fitSvmGate(X, labels, 3, { seed: 2, maxRows: 100 })).toEqual(first);
    for (const { supportVectors } of first.machines) {
      expect(supportVectors.nRows).toBeLessThanOrEqual(100);
    }
  });

  test("refuses what libsvm would take for numbers", async () => {
    const rejected = async (
      rows: Matrix,
      own: Int32Array,
      n: number,
      code: string,
    ): Promise<void> => {
      await expect(fitSvmGate(rows, own, n, { seed: 1 })).rejects.toMatchObject({ code });
    };
    const broken = randomRows(300, 5);
    broken.values[7] = Number.NaN;
    await rejected(broken, labels, 3, "VALUE_NOT_FINITE");
    await rejected(X, labels, 2, "INVALID_OPTION");
    await rejected(X, labels, 4, "TOO_FEW_ROWS");
    await rejected(X, labels, 1, "INVALID_OPTION");
    await rejected(X, labels.slice(1), 3, "SHAPE_MISMATCH");
  });
});

test("the sigmoid is the regularised maximum likelihood", () => {
  const decisions = [-2, -1.2, -0.5, -0.1, 0.3, 0.4, 1.1, 1.9, 2.5];
  const positive = [0, 0, 0, 1, 0, 1, 1, 1, 1].map(Boolean);
  const { slope, intercept } = fitSigmoid(decisions, positive);
  expect(slope).toBeCloseTo(-0.9750189808370563, 4);
  expect(intercept).toBeCloseTo(-0.022441876273834063, 4);
});

test("pairs that agree with some probabilities are coupled to them", () => {
  const positive = fc.double({ min: 0.05, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(positive, { minLength: 2, maxLength: 6 }), (masses) => {
      const n = masses.length;
      const total = masses.reduce((sum, mass) => sum + mass, 0);
      const pairs = new Float64Array(n * n);
      for (let a = 0; a < n; a++) {
        for (let b = 0; b < n; b++) pairs[a * n + b] = masses[a]! / (masses[a]! + masses[b]!);
      }
      const out = new Float64Array(n);
      couplePairs(pairs, out);
      for (const [a, mass] of masses.entries()) expect(out[a]).toBeCloseTo(mass / total, 5);
    }),
  );
});
