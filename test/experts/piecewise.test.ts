/**
 * Goal: inputs are encoded as the literature does it, and a net on encoded inputs is kept as a plain
 * one that answers alike.
 * Method: scikit-learn's splines of degree 1; nets, knots and rows drawn at random, rows far from all
 * knots among them, answered by the reference engine.
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createReferenceEngine,
  encodePiecewise,
  fitPiecewise,
  initNet,
  plainNet,
} from "../../src/experts/index.ts";
import { type Matrix, matrix } from "../../src/shared/matrix.ts";
import { createRng } from "../../src/shared/rng.ts";

const theirs = JSON.parse(
  readFileSync(new URL("families/piecewise-scikit-learn.json", import.meta.url), "utf8"),
) as Readonly<Record<"knots" | "X" | "encoded", readonly (readonly number[])[]>>;

function rowsOf(rows: readonly (readonly number[])[]): Matrix {
  return matrix(Float32Array.from(rows.flat()), rows.length, rows[0]!.length);
}

test("is what scikit-learn's linear splines say", () => {
  const knots = theirs.knots.map((own) => Float64Array.from(own));
  const { values, nColumns } = encodePiecewise({ knots }, rowsOf(theirs.X));
  expect(nColumns).toBe(3 * 6);
  theirs.encoded.flat().forEach((value, i) => {
    expect(values[i]).toBeCloseTo(value, 4);
  });
});

describe("a net on encoded inputs", () => {
  const cases = fc.record({
    seed: fc.integer(),
    nFeatures: fc.integer({ min: 1, max: 6 }),
    nBins: fc.integer({ min: 2, max: 16 }),
    hidden: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
    far: fc.constantFrom(1, 10, 100),
  });

  test("answers as the plain one that is kept of it", () => {
    fc.assert(
      fc.property(cases, ({ seed, nFeatures, nBins, hidden, far }) => {
        const rng = createRng(seed);
        const draw = (n: number, scale: number): Matrix =>
          matrix(
            Float32Array.from({ length: n * nFeatures }, () => scale * rng.normal()),
            n,
            nFeatures,
          );
        const encoding = fitPiecewise(draw(50, 1), nBins)!;
        const X = draw(20, far);
        const encoded = encodePiecewise(encoding, X);
        const sizes = [encoded.nColumns, ...hidden, 1];
        const net = initNet({ sizes, activation: "relu" }, rng);
        const engine = createReferenceEngine();
        const answers = engine.predict(plainNet(encoding, net), X);
        const wanted = engine.predict(net, encoded);
        wanted.forEach((value, i) => {
          expect(Math.abs(answers[i]! - value)).toBeLessThan(1e-4 * far * (1 + Math.abs(value)));
        });
      }),
    );
  });

  test("must be of relu and have a hidden layer", () => {
    const encoding = { knots: [Float64Array.of(0, 1)] };
    const [tanh, flat] = [
      { sizes: [2, 3, 1], activation: "tanh" },
      { sizes: [2, 1], activation: "relu" },
    ] as const;
    for (const shape of [tanh, flat]) {
      const net = initNet(shape, createRng(1));
      expect(() => plainNet(encoding, net)).toThrow("must be of relu and have a hidden layer");
    }
  });
});

describe("knots", () => {
  const column = (values: readonly number[]): Matrix => rowsOf(values.map((value) => [value]));

  test("are quantiles, the least and the largest among them", () => {
    const values = Array.from({ length: 101 }, (_, i) => ((i * 37) % 101) / 10);
    const [knots] = fitPiecewise(column(values), 4)!.knots;
    expect([...knots!].map((knot) => Math.round(10 * knot))).toEqual([0, 25, 50, 75, 100]);
  });

  test("ascend, however often a value occurs", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(-2, -1.999, 0, 0.5, 0.501, 3), { minLength: 1, maxLength: 60 }),
        (values) => {
          const [knots] = fitPiecewise(column(values), 8)!.knots;
          expect(knots!.length).toBeGreaterThan(0);
          knots!.forEach((knot, k) => {
            if (k > 0) expect(knot).toBeGreaterThan(knots![k - 1]! + 0.009);
          });
        },
      ),
    );
  });

  test("are one alone where an input has few values: it is passed on", () => {
    expect(fitPiecewise(column([1, 0, 1, 1, 0]), 8)!.knots).toEqual([Float64Array.of(0)]);
  });

  test("are fewer where there are many inputs, and none where they would be too few", () => {
    const wide = (nColumns: number): Matrix =>
      matrix(
        Float32Array.from({ length: 40 * nColumns }, (_, i) => Math.sin(i)),
        40,
        nColumns,
      );
    const most = (nColumns: number): number | undefined =>
      fitPiecewise(wide(nColumns), 16)?.knots.reduce((sum, own) => sum + own.length, 0);
    expect(most(10)).toBeGreaterThan(150);
    expect(most(10)).toBeLessThanOrEqual(170);
    expect(most(100)).toBeLessThanOrEqual(512);
    expect(most(171)).toBeUndefined();
  });
});
