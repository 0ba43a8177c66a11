import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWasmEngine, type Engine } from "../../../src/experts/index.ts";
import { BOUNDARY_KINDS, fitBoundary, gateScores } from "../../../src/gate/index.ts";
import { createInlineExecutor, type Executor } from "../../../src/mixture/index.ts";
import { matrix } from "../../../src/shared/matrix.ts";
import { createRng } from "../../../src/shared/rng.ts";
import { makeWorld, shareWrong } from "./worlds.ts";

let engine: Engine;
let trainer: Executor;

beforeAll(async () => {
  engine = await createWasmEngine({ threads: 1 });
  trainer = createInlineExecutor(engine);
});
afterAll(() => engine.close());

const CORNER = {
  nRows: 400,
  nFeatures: 3,
  nExperts: 3,
  expertOf: ([a, b]: readonly number[]) => (a! < 0.2 ? 0 : b! < -0.1 ? 1 : 2),
  seed: 5,
};
const CIRCLE = {
  nRows: 600,
  nFeatures: 2,
  nExperts: 2,
  expertOf: ([a, b]: readonly number[]) => (a! ** 2 + b! ** 2 < 0.5 ? 0 : 1),
  seed: 6,
};

describe.each(BOUNDARY_KINDS)("a boundary of kind %s", (kind) => {
  test("learns where each expert is best, from errors alone", async () => {
    const train = makeWorld(CORNER);
    const test = makeWorld({ ...CORNER, seed: 15, nRows: 2000 });
    const { gate } = await fitBoundary({ ...train, kinds: [kind] }, trainer);
    const scores = gateScores(engine, gate, test.X);
    expect(shareWrong(scores, test.experts)).toBeLessThan(0.05);
    for (let i = 0; i < test.X.nRows; i++) {
      const row = scores.subarray(3 * i, 3 * i + 3);
      expect(row.every((score) => score >= 0)).toBe(true);
      expect(row.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 12);
    }
  });

  test("does not react to an input that has one value in all rows", async () => {
    const request = { ...makeWorld({ ...CORNER, nRows: 200 }), kinds: [kind] };
    const withThird = (third: number) =>
      matrix(
        request.X.values.map((value, at) => (at % 3 === 2 ? third : value)),
        request.X.nRows,
        3,
      );
    const { gate } = await fitBoundary({ ...request, X: withThird(0.5) }, trainer);
    const scores = gateScores(engine, gate, withThird(0.5));
    for (const third of [-6, 0, 6]) {
      expect(gateScores(engine, gate, withThird(third))).toEqual(scores);
    }
  });

  test("is the same to the bit for the same request", async () => {
    const request = { ...makeWorld({ ...CORNER, nRows: 120 }), kinds: [kind] };
    const [first, second] = [
      await fitBoundary(request, trainer),
      await fitBoundary(request, trainer),
    ];
    expect(second).toEqual(first);
  });
});

test("cuts along the axes are drawn by a tree, a circle is not", async () => {
  const corner = await fitBoundary(makeWorld(CORNER), trainer);
  expect(corner.kind).toBe("tree");
  const circle = await fitBoundary(makeWorld(CIRCLE), trainer);
  expect(circle.kind).not.toBe("tree");
  expect(circle.candidates.map(({ kind }) => kind)).toContain("tree");
  expect(circle.heldOutLoss).toBeLessThan(
    circle.candidates.find(({ kind }) => kind === "tree")!.heldOutLoss,
  );
});

test("rows that are left out have no say", async () => {
  const world = makeWorld(CORNER);
  const errors = world.errors.slice();
  const outliers = [3, 30, 300];
  for (const i of outliers) errors.set([50, -50, 20], 3 * i);
  const rows = Int32Array.from({ length: 400 }, (_, i) => i).filter((i) => !outliers.includes(i));
  const clean = await fitBoundary({ ...world, rows, kinds: ["tree"] }, trainer);
  const dirty = await fitBoundary({ ...world, errors, rows, kinds: ["tree"] }, trainer);
  expect(dirty).toEqual(clean);
});

test("a request that fits no rows is refused", async () => {
  const world = makeWorld(CORNER);
  const refuse = (change: object) => expect(fitBoundary({ ...world, ...change }, trainer)).rejects;
  await refuse({ errors: world.errors.subarray(1) }).toMatchObject({ code: "SHAPE_MISMATCH" });
  await refuse({ errors: world.errors.map(() => Number.NaN) }).toMatchObject({
    code: "VALUE_NOT_FINITE",
  });
  await refuse({ variance: 0 }).toMatchObject({ code: "INVALID_OPTION" });
  await refuse({ kinds: [] }).toMatchObject({ code: "INVALID_OPTION" });
  await refuse({ rows: Int32Array.of(1, 2) }).toMatchObject({ code: "TOO_FEW_ROWS" });
});

test("experts that no boundary tells apart, on columns that say the same, end a fit soon", async () => {
  const rng = createRng(7);
  const [nRows, nFeatures] = [1500, 8];
  const values = Float32Array.from({ length: nRows * nFeatures });
  const errors = new Float64Array(2 * nRows);
  for (let i = 0; i < nRows; i++) {
    const shared = rng.normal();
    for (let j = 0; j < nFeatures; j++) values[i * nFeatures + j] = shared + 0.1 * rng.normal();
    const best = rng.uniform() < 0.1 ? 1 : 0;
    errors[2 * i + 1 - best] = 3;
  }
  const X = matrix(values, nRows, nFeatures);
  const request = { X, errors, variance: 0.01, seed: 7, kinds: ["linear", "quadratic"] as const };
  const { heldOutLoss } = await fitBoundary(request, trainer);
  const ofFirst =
    errors.reduce((sum, error, at) => sum + (at % 2 === 0 ? error ** 2 : 0), 0) / nRows;
  expect(heldOutLoss).toBeLessThan(1.1 * ofFirst);
});
