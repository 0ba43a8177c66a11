/**
 * Goal: our evaluator of libsvm's machines is libsvm.
 * Method: decision values stored from scikit-learn, which wraps another version of libsvm; the
 * signs of libsvm-js's own predictions at random points; damaged texts. The stored figures, by
 * scikit-learn 1.9.1, numpy 2.4.6:
 *
 *   X = np.array([[((7*i) % 13)/6 - 1, ((5*i) % 11)/5 - 1] for i in range(24)], np.float32)
 *   y = np.where(X[:, 0]**2 + X[:, 1]**2 < 0.8, 1, -1); noisy = y.copy(); noisy[[3, 8, 14]] *= -1
 *   Q = np.array([[0.1, 0.2], [1, -1], [-0.7, 0.4], [0.9, 0.1]], np.float32)
 *   SVC(C=C, gamma=gamma, tol=1e-10).fit(X.astype(float), y).decision_function(Q.astype(float))
 */
import { afterAll, describe, expect, test } from "vitest";
import { decisionValue } from "../../src/gate/svm-decision.ts";
import { readModel } from "../../src/gate/svm-model.ts";
import { openSvmTrainer } from "../../src/gate/svm-trainer.ts";
import { type Matrix, matrix, takeRows } from "../../src/shared/matrix.ts";
import { createRng } from "../../src/shared/rng.ts";

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
const CLEAN = circleLabels(LATTICE);
const NOISY = CLEAN.map((label, i) => ([3, 8, 14].includes(i) ? -label : label));
const QUERIES = matrix(Float32Array.of(0.1, 0.2, 1, -1, -0.7, 0.4, 0.9, 0.1), 4, 2);

function circleLabels(X: Matrix): Int8Array {
  return Int8Array.from({ length: X.nRows }, (_, i) => {
    const [x, y] = [X.values[i * X.nColumns]!, X.values[i * X.nColumns + 1]!];
    return x * x + y * y < 0.8 ? 1 : -1;
  });
}

function randomRows(nRows: number, nColumns: number, seed: number): Matrix {
  const rng = createRng(seed);
  const values = Float32Array.from({ length: nRows * nColumns }, () => 2 * rng.uniform() - 1);
  return matrix(values, nRows, nColumns);
}

describe("decision values", () => {
  test.each([
    [
      "clean",
      10,
      0.5,
      [2.6754181922194897, -2.545885837638167, 0.18650585726473867, 0.6298074884833436],
    ],
    [
      "clean",
      1,
      2,
      [1.3328643684190271, -1.2394760173292942, 0.12866406652275414, 0.09910093636120804],
    ],
    [
      "clean",
      100,
      4,
      [0.9731389923406668, -1.5850218056148802, -1.0555565212496782, -0.48342745526002495],
    ],
    [
      "noisy",
      10,
      0.5,
      [0.9091012632851831, -2.074398764154016, 0.0322405154300891, -0.8150890422925325],
    ],
    [
      "noisy",
      1,
      2,
      [0.8706004196902604, -1.1057986884615474, -0.0988610761869142, -0.26855391736226386],
    ],
    [
      "noisy",
      100,
      4,
      [2.030101048764071, -3.690083046094781, 0.12979803262094958, -1.4246934344133055],
    ],
  ])("are scikit-learn's: %s labels, C = %d, gamma = %d", async (kind, cost, gamma, expected) => {
    const labels = kind === "clean" ? CLEAN : NOISY;
    const trained = await trainer.train({ X: LATTICE, labels, cost, gamma, tolerance: 1e-10 });
    const machine = readModel(trained, gamma, LATTICE);
    for (const [i, value] of expected.entries()) {
      expect(Math.abs(decisionValue(machine, gamma, QUERIES, i) - value)).toBeLessThan(1e-7);
    }
  });

  // Many support vectors at a high cost: the 6 digits of rho in libsvm's text would not do.
  test.each([
    [1, 0.5],
    [10, 4],
    [100, 0.2],
    [100, 16],
  ])("have the sign of libsvm's own predictions: C = %d, gamma = %d", async (cost, gamma) => {
    const X = randomRows(500, 3, 1);
    const labels = circleLabels(X).map((label, i) => (i % 9 === 0 ? -label : label));
    const probe = randomRows(500, 3, 2);
    const trained = await trainer.train({ X, labels, cost, gamma, tolerance: 1e-4, probe });
    expect(new Set(trained.predictions)).toEqual(new Set([1, -1]));
    const machine = readModel(trained, gamma, X);
    for (const [i, prediction] of trained.predictions.entries()) {
      const decision = decisionValue(machine, gamma, probe, i);
      if (Math.abs(decision) > 1e-6) expect(Math.sign(decision)).toBe(prediction);
    }
  });

  test("are 0 where libsvm's are, far more exactly than its text says", async () => {
    const X = randomRows(500, 3, 1);
    const labels = circleLabels(X).map((label, i) => (i % 9 === 0 ? -label : label));
    const trained = await trainer.train({ X, labels, cost: 100, gamma: 0.2, tolerance: 1e-4 });
    const { rho } = readModel(trained, 0.2, X);
    const rounded = readModel({ ...trained, boundary: null }, 0.2, X).rho;
    expect(Number(rho.toPrecision(6))).toBe(rounded);
    expect(rho).not.toBe(rounded);
  });

  test("keep their sign when the other label comes first", async () => {
    const settings = { cost: 10, gamma: 0.5, tolerance: 1e-10 };
    const turned = takeRows(LATTICE, [...Array(24).keys()].reverse());
    const backwards = { X: turned, labels: CLEAN.slice().reverse(), ...settings };
    const reverse = readModel(await trainer.train(backwards), 0.5, turned);
    const forwards = { X: LATTICE, labels: CLEAN, ...settings };
    const forward = readModel(await trainer.train(forwards), 0.5, LATTICE);
    expect(CLEAN[0]).not.toBe(CLEAN[23]);
    for (let i = 0; i < 24; i++) {
      const other = decisionValue(reverse, 0.5, LATTICE, i);
      expect(Math.abs(decisionValue(forward, 0.5, LATTICE, i) - other)).toBeLessThan(1e-7);
    }
  });
});

test("a text that is not a binary RBF model of these rows is refused", async () => {
  const trained = await trainer.train({
    X: LATTICE,
    labels: CLEAN,
    cost: 10,
    gamma: 0.5,
    tolerance: 1e-4,
  });
  const { text } = trained;
  const damaged = [
    "",
    "garbage",
    text.slice(0, text.indexOf("SV\n")),
    text.slice(0, text.lastIndexOf("\n", text.length - 2)),
    text.replace(/^rho .*$/m, "rho nan"),
    text.replace("kernel_type rbf", "kernel_type linear"),
    text.replace("label 1 -1", "label -1 1"),
    text.replace(/^SV\n\S+/m, "SV\nnan"),
  ];
  for (const broken of damaged) {
    expect(() => readModel({ ...trained, text: broken }, 0.5, LATTICE)).toThrow(
      expect.objectContaining({ code: "WORKER_FAILED" }),
    );
  }
});
