import { describe, expect, test } from "vitest";
import { fitLogistic } from "../../../src/gate/boundary/logistic-fit.ts";
import { decisionValue } from "../../../src/gate/svm-decision.ts";
import { matrix } from "../../../src/shared/matrix.ts";
import { createRng } from "../../../src/shared/rng.ts";

const GAMMA = 0.25;

/** Rows of a sine's two sides; the wrong side costs 7 nats, within `fog` of the sine nothing. */
function sine(nRows: number, fog: number) {
  const rng = createRng(3);
  const X = matrix(
    Float32Array.from({ length: 2 * nRows }, () => 4 * rng.uniform() - 2),
    nRows,
    2,
  );
  const above = Float64Array.from({ length: nRows }, (_, i) => heightAt(X.values, i));
  return { X, above, extra: above.map((h) => (Math.abs(h) < fog ? 0 : 7 * Math.sign(h))) };
}

function heightAt(values: Float32Array, i: number): number {
  return values[2 * i + 1]! - Math.sin(1.5 * values[2 * i]!);
}

describe("a machine fitted to costs by logistic regression", () => {
  const test1 = sine(3000, 0);
  const wrongOf = (nRows: number, fog: number): number => {
    const { machine } = fitLogistic(sine(nRows, fog), GAMMA, 50);
    const wrong = test1.above.filter(
      (h, i) => decisionValue(machine, GAMMA, test1.X, i) > 0 !== h > 0,
    );
    return wrong.length / test1.above.length;
  };

  test("has the more rows on the right side, the more rows it is fitted to", () => {
    expect(wrongOf(200, 0)).toBeLessThan(0.03);
    expect(wrongOf(2000, 0)).toBeLessThan(0.005);
  });

  test("takes the middle between the sides where rows cost the same with both experts", () => {
    expect(wrongOf(2000, 0.1)).toBeLessThan(0.02);
  });

  test("has higher evidence with a width that suits the boundary", () => {
    const { evidence } = fitLogistic(sine(1000, 0), GAMMA, 50);
    expect(evidence).toBeGreaterThan(fitLogistic(sine(1000, 0), 40, 50).evidence);
    expect(evidence).toBeGreaterThan(fitLogistic(sine(1000, 0), 0.001, 50).evidence);
  });

  test("is at the mode: its logit's mean over rows matches their responsibilities", () => {
    const { X, extra } = sine(500, 0);
    const shifted = extra.map((cost) => cost / 10);
    const { machine } = fitLogistic({ X, extra: shifted }, GAMMA, 30);
    let pull = 0;
    for (let i = 0; i < X.nRows; i++) {
      const decision = decisionValue(machine, GAMMA, X, i);
      const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));
      pull += sigmoid(decision + shifted[i]!) - sigmoid(decision);
    }
    expect(Math.abs(pull)).toBeLessThan(0.5);
  });

  test("has its vectors all over the rows, in whatever order these come", () => {
    const X = matrix(Float32Array.of(4, 5, 6, 1, 3, 2, 0, 9), 8, 1);
    const { machine } = fitLogistic({ X, extra: new Float64Array(8) }, 1, 4);
    expect([...machine.supportVectors.values]).toEqual([4, 9, 0, 6]);
  });

  test("of rows in one place, or of no rows, is one score everywhere", () => {
    const X = matrix(new Float32Array(20).fill(1), 10, 2);
    const { machine } = fitLogistic({ X, extra: new Float64Array(10).fill(7) }, GAMMA, 50);
    expect(machine.supportVectors.nRows).toBe(1);
    expect(decisionValue(machine, GAMMA, X, 0)).toBeGreaterThan(3);
    const none = fitLogistic(
      { X: matrix(new Float32Array(0), 0, 2), extra: new Float64Array(0) },
      1,
      5,
    );
    expect(none.machine.coefficients).toHaveLength(0);
    expect(decisionValue(none.machine, 1, X, 0)).toBeCloseTo(0, 12);
  });
});
