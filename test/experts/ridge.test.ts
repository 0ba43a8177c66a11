/**
 * Goal: ridge regression is the minimiser it claims to be.
 * Method: scikit-learn 1.9.1's coefficients for a fixed penalty, and the condition that the
 * objective's gradient vanishes, for random data.
 *   Ridge(alpha=0.7).fit(X, y, sample_weight=w) -> 0.6037589861578349 [1.11848537 0.02340285]
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { createReferenceEngine, fitRidge, predictExpert } from "../../src/experts/index.ts";
import { writeTerms } from "../../src/experts/ridge.ts";
import { matrix } from "../../src/shared/matrix.ts";
import { createRng } from "../../src/shared/rng.ts";

const X = matrix(Float32Array.of(0.5, 1, 1.5, -0.5, -1, 2, 2, 0.25, 0, -1.5), 5, 2);
const y = Float32Array.of(1, 2.5, -0.5, 3, 0.25);
const weights = Float32Array.of(1, 2, 1, 0.5, 1);

/** Mean eigenvalue of the weighted, centred second moments: half their trace. */
function meanEigenvalue(): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let trace = 0;
  for (let j = 0; j < 2; j++) {
    const column = [0, 1, 2, 3, 4].map((i) => X.values[i * 2 + j]!);
    const mean = column.reduce((sum, value, i) => sum + weights[i]! * value, 0) / total;
    trace += column.reduce((sum, value, i) => sum + weights[i]! * (value - mean) ** 2, 0);
  }
  return trace / 2;
}

test("coefficients are scikit-learn's for the same penalty", () => {
  const { coefficients, penalty } = fitRidge({ X, y, weights }, 1, [0.7 / meanEigenvalue()]);
  expect(penalty).toBeCloseTo(0.7, 12);
  expect(coefficients[0]).toBeCloseTo(0.6037589861578349, 8);
  expect(coefficients[1]).toBeCloseTo(1.11848537, 8);
  expect(coefficients[2]).toBeCloseTo(0.02340285, 8);
});

test("a quadratic is found again, a weight of 0 leaves a row out", () => {
  const nRows = 60;
  const rng = createRng(5);
  const values = Float32Array.from({ length: nRows * 2 }, () => rng.normal());
  const points = matrix(values, nRows, 2);
  const truth = Float32Array.from({ length: nRows }, (_, i) => {
    const [a, b] = [values[2 * i]!, values[2 * i + 1]!];
    return 1 + 2 * a - b + 0.5 * a * a - 3 * a * b;
  });
  const own = new Float32Array(nRows).fill(1);
  truth[7] = 1e6;
  own[7] = 0;
  const expert = fitRidge({ X: points, y: truth, weights: own }, 2);
  const expected = [1, 2, -1, 0.5, -3, 0];
  for (const [t, value] of expected.entries()) {
    expect(expert.coefficients[t]).toBeCloseTo(value, 3);
  }
  const answers = predictExpert(createReferenceEngine(), expert, points);
  expect(answers[3]).toBeCloseTo(truth[3]!, 2);
});

test("the objective's gradient vanishes at the coefficients", () => {
  const row = fc.tuple(...[0, 1, 2].map(() => fc.double({ min: -3, max: 3, noNaN: true })));
  fc.assert(
    fc.property(fc.array(row, { minLength: 6, maxLength: 30 }), (rows) => {
      const nRows = rows.length;
      const points = matrix(Float32Array.from(rows.flatMap(([a, b]) => [a!, b!])), nRows, 2);
      const targets = Float32Array.from(rows.map(([, , c]) => c!));
      const { coefficients, penalty } = fitRidge({ X: points, y: targets, weights: null }, 1);
      for (let j = 0; j < 2; j++) {
        let gradient = penalty * coefficients[j + 1]!;
        for (let i = 0; i < nRows; i++) {
          const [a, b] = [points.values[2 * i]!, points.values[2 * i + 1]!];
          const answer = coefficients[0]! + coefficients[1]! * a + coefficients[2]! * b;
          gradient -= points.values[2 * i + j]! * (targets[i]! - answer);
        }
        expect(Math.abs(gradient)).toBeLessThan(1e-5 * nRows);
      }
    }),
  );
});

test("too wide an expansion and rows without weight are refused", () => {
  const wide = matrix(new Float32Array(60 * 60), 60, 60);
  const wideSamples = { X: wide, y: new Float32Array(60), weights: null };
  expect(() => fitRidge(wideSamples, 2)).toThrow(
    expect.objectContaining({ code: "INVALID_OPTION" }),
  );
  const weightless = { X, y, weights: new Float32Array(5) };
  expect(() => fitRidge(weightless, 1)).toThrow(expect.objectContaining({ code: "TOO_FEW_ROWS" }));
});

test("terms that never vary change nothing: products of two levels, and constant inputs", () => {
  const rng = createRng(4);
  const n = 60;
  // Two numbers, three levels of which one is a row's, and a constant.
  const rows = Array.from({ length: n }, (_, i) => {
    const level = [0, 1, 2].map((l) => (i % 3 === l ? 1 : 0));
    return [rng.normal(), rng.normal(), ...level, 0.3];
  });
  const samples = {
    X: { values: Float32Array.from(rows.flat()), nRows: n, nColumns: 6 },
    y: Float32Array.from(rows, ([a, b, c]) => a! * b! + 2 * c! + 0.1 * rng.normal()),
    weights: null,
  };
  const { coefficients, penalty } = fitRidge(samples, 2);
  const terms = rows.map((row) => {
    const out = new Float64Array(27);
    // A constant says nothing that the intercept does not.
    writeTerms(Float32Array.from([...row.slice(0, 5), 0]), 2, out);
    return [...out];
  });
  const mean = terms[0]!.map((_, t) => terms.reduce((sum, term) => sum + term[t]!, 0) / n);
  const isStill = mean.map((_, t) => terms.every((term) => term[t] === terms[0]![t]));
  expect(isStill.filter((own) => own)).toHaveLength(10);
  const residual = samples.y.map(
    (y, i) =>
      y - coefficients[0]! - terms[i]!.reduce((sum, x, t) => sum + x * coefficients[t + 1]!, 0),
  );
  mean.forEach((centre, t) => {
    const slope = coefficients[t + 1]!;
    const gradient = terms.reduce((sum, term, i) => sum + (term[t]! - centre) * residual[i]!, 0);
    if (isStill[t]) expect(slope).toBe(0);
    else expect(gradient - penalty * slope).toBeCloseTo(0, 3);
  });
});
