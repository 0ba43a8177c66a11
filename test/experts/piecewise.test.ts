/**
 * Goal: inputs are encoded as the literature does it, and a net on encoded inputs is kept as a plain
 * one that answers alike.
 * Method: scikit-learn's splines of degree 1; nets, knots and rows drawn at random, answered by the
 * reference engine.
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createReferenceEngine,
  encodedNet,
  encodePiecewise,
  fitPiecewise,
  initNet,
  type Net,
  type PiecewiseEncoding,
  plainNet,
} from "../../src/experts/index.ts";
import { type Matrix, matrix } from "../../src/shared/matrix.ts";
import { createRng, type Rng } from "../../src/shared/rng.ts";

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

/** Columns as tables have them: spread, constant, of two values, and in steps near the least gap. */
const COLUMNS = {
  spread: (rng: Rng) => rng.normal(),
  constant: () => 0,
  binary: (rng: Rng) => (rng.uniform() < 0.5 ? -1 : 1),
  fine: (rng: Rng) => 0.01 * Math.floor(40 * rng.uniform()),
  heavy: (rng: Rng) => Math.max(-6, Math.min(6, Math.exp(1.5 * rng.normal()) - 1)),
} as const;

const cases = fc.record({
  seed: fc.integer(),
  columns: fc.array(fc.constantFrom(...Object.keys(COLUMNS)), { minLength: 1, maxLength: 5 }),
  nBins: fc.integer({ min: 2, max: 16 }),
  hidden: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
  gain: fc.constantFrom(1, 3),
});

type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

interface Drawn {
  readonly encoding: PiecewiseEncoding;
  readonly net: Net;
  /** The rows that knots were fitted to, and as many beyond; standardised inputs go to ±6. */
  readonly X: Matrix;
}

/** null where there is nothing to encode. */
function draw({ seed, columns, nBins, hidden, gain }: Case): Drawn | null {
  const rng = createRng(seed);
  const rows = Array.from({ length: 60 }, () =>
    columns.map((name) => COLUMNS[name as keyof typeof COLUMNS](rng)),
  );
  const encoding = fitPiecewise(rowsOf(rows), nBins);
  if (encoding === null) return null;
  const beyond = rows.map((row) => row.map((value) => Math.max(-6, Math.min(6, 4 * value + 1))));
  const X = rowsOf([...rows, ...beyond]);
  const sizes = [encodePiecewise(encoding, X).nColumns, ...hidden, 1];
  const net = initNet({ sizes, activation: "relu" }, rng);
  return { encoding, net: { ...net, parameters: net.parameters.map((p) => gain * p) }, X };
}

const engine = createReferenceEngine();

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!) / (1 + Math.abs(value))));
}

describe("a net on encoded inputs", () => {
  test("answers as the plain one that is kept of it, at knots and beyond them too", () => {
    fc.assert(
      fc.property(cases, (own) => {
        const drawn = draw(own);
        fc.pre(drawn !== null);
        const { encoding, net, X } = drawn;
        const answers = engine.predict(plainNet({ encoding, net }), X);
        const wanted = engine.predict(net, encodePiecewise(encoding, X));
        expect(largestDifference(wanted, answers)).toBeLessThan(2e-3);
      }),
    );
  });

  test("is found again in the plain one", () => {
    fc.assert(
      fc.property(cases, (own) => {
        const drawn = draw(own);
        fc.pre(drawn !== null);
        const { encoding, net, X } = drawn;
        const found = encodedNet(plainNet({ encoding, net }))!;
        expect(found.encoding.knots).toEqual(
          encoding.knots.map((knots) => knots.map((knot) => Math.fround(knot) + 0)),
        );
        expect(found.net.sizes).toEqual(net.sizes);
        expect(largestDifference(net.parameters, found.net.parameters)).toBeLessThan(1e-3);
        const answers = engine.predict(found.net, encodePiecewise(found.encoding, X));
        expect(
          largestDifference(engine.predict(plainNet({ encoding, net }), X), answers),
        ).toBeLessThan(2e-3);
      }),
    );
  });

  test("has a knot of 0 in the plain one, whatever the zero's sign was", () => {
    const encoding = { knots: [Float64Array.of(-1, -0, 1)] };
    const net = initNet({ sizes: [2, 3, 1], activation: "relu" }, createRng(1));
    expect(encodedNet(plainNet({ encoding, net }))!.encoding.knots).toEqual([
      Float64Array.of(-1, 0, 1),
    ]);
  });

  test("is not found in any other", () => {
    const rng = createRng(3);
    expect(encodedNet(initNet({ sizes: [2, 6, 4, 1], activation: "relu" }, rng))).toBeNull();
    expect(encodedNet(initNet({ sizes: [2, 1], activation: "relu" }, rng))).toBeNull();
    const encoding = { knots: [Float64Array.of(-1, 0, 1), Float64Array.of(0)] };
    const net = initNet({ sizes: [4, 3, 1], activation: "relu" }, rng);
    const plain = plainNet({ encoding, net });
    expect(encodedNet({ ...plain, activation: "tanh" })).toBeNull();
    for (const p of [0, 1, 6, 12]) {
      const parameters = plain.parameters.map((value, at) => (at === p ? value + 0.5 : value));
      expect(encodedNet({ ...plain, parameters })).toBeNull();
    }
  });

  test("must be of relu and have a hidden layer", () => {
    const encoding = { knots: [Float64Array.of(0, 1)] };
    const [tanh, flat] = [
      { sizes: [2, 3, 1], activation: "tanh" },
      { sizes: [2, 1], activation: "relu" },
    ] as const;
    for (const shape of [tanh, flat]) {
      const net = initNet(shape, createRng(1));
      expect(() => plainNet({ encoding, net })).toThrow("must be of relu and have a hidden layer");
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
    const values = fc.constantFrom(-2, -1.999, 0, 0.5, 0.501, 3);
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 60 }), (own) => {
        const encoding = fitPiecewise(column(own), 8);
        fc.pre(encoding !== null);
        const [knots] = encoding.knots;
        knots!.forEach((knot, k) => {
          if (k > 0) expect(knot).toBeGreaterThan(knots![k - 1]! + 0.009);
        });
      }),
    );
  });

  test("are one alone where an input has few values: it is passed on", () => {
    const rows = Array.from({ length: 20 }, (_, i) => [i % 3, i / 10]);
    const [few, many] = fitPiecewise(rowsOf(rows), 8)!.knots;
    expect(few).toEqual(Float64Array.of(0));
    expect(many).toHaveLength(9);
    expect(fitPiecewise(column([1, 0, 1, 1, 0]), 8)).toBeNull();
  });

  test("are fewer where there are many inputs to cut, and none where they would be too few", () => {
    const wide = (nCut: number, nFlags: number): readonly number[] | undefined => {
      const rows = Array.from({ length: 40 }, (_, i) => [
        ...Array.from({ length: nCut }, (_v, j) => Math.sin(i * nCut + j)),
        ...Array.from({ length: nFlags }, (_v, j) => (i + j) % 2),
      ]);
      return fitPiecewise(rowsOf(rows), 16)?.knots.map((own) => own.length);
    };
    const total = (own: readonly number[] | undefined): number => own!.reduce((a, b) => a + b, 0);
    expect(total(wide(10, 0))).toBeGreaterThan(150);
    expect(total(wide(100, 0))).toBeLessThanOrEqual(512);
    expect(total(wide(4, 200))).toBeGreaterThan(200 + 4 * 14);
    expect(wide(171, 0)).toBeUndefined();
  });
});
