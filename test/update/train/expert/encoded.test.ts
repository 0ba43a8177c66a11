/**
 * Goal: a net on encoded inputs, kept as a plain one, learns on and starts anew on its encoding.
 * Method: y = |x| and later 1 − |x|, few steps; the hinges are compared before and after.
 */
import { expect, test } from "vitest";
import {
  createWasmEngine,
  encodedNet,
  encodePiecewise,
  fitPiecewise,
  initNet,
  type MlpExpert,
  plainNet,
  type Samples,
} from "../../../../src/experts/index.ts";
import { mean } from "../../../../src/metrics/index.ts";
import { createInlineExecutor, targetRange } from "../../../../src/mixture/index.ts";
import { matrix } from "../../../../src/shared/matrix.ts";
import { createRng } from "../../../../src/shared/rng.ts";
import { learn } from "../../../../src/update/train/expert/learn.ts";
import { learnAnew } from "../../../../src/update/train/expert/learn-anew.ts";

const executor = createInlineExecutor(await createWasmEngine());

function samplesOf(seed: number, law: (x: number) => number): Samples {
  const rng = createRng(seed);
  const x = Float32Array.from({ length: 400 }, () => rng.normal());
  return { X: matrix(x, 400, 1), y: x.map(law), weights: null, groups: null };
}

const before = samplesOf(1, Math.abs);
const after = samplesOf(2, (x) => 1 - Math.abs(x));
const encoding = fitPiecewise(before.X, 8)!;
const sizes = [encodePiecewise(encoding, before.X).nColumns, 16, 1];
const untrained = initNet({ sizes, activation: "relu" }, createRng(3));
const start: MlpExpert = { kind: "mlp", net: plainNet({ encoding, net: untrained }) };
const how = { seed: 1, executor };

function meanSquare(errors: Float64Array): number {
  return mean(errors.map((error) => error ** 2));
}

function knotsOf(expert: unknown): unknown {
  return encodedNet((expert as MlpExpert).net)?.encoding;
}

test("learns on: its hinges stay, its error falls", async () => {
  const from = { expert: start, range: targetRange(before.y) };
  const { expert, range, heldOut } = await learn(from, { fresh: before, old: null }, how);
  expect(knotsOf(expert)).toEqual(knotsOf(start));
  expect(meanSquare(heldOut)).toBeLessThan(0.01);
  const next = await learn({ expert, range }, { fresh: after, old: before }, how);
  expect(knotsOf(next.expert)).toEqual(knotsOf(start));
  expect(meanSquare(next.heldOut)).toBeLessThan(0.01);
  expect(meanSquare(next.heldOutBefore)).toBeGreaterThan(0.1);
});

test("starts from random weights, except for its hinges", async () => {
  const { expert, heldOut } = await learnAnew(start, after, how);
  expect(knotsOf(expert)).toEqual(knotsOf(start));
  expect((expert as MlpExpert).net.sizes).toEqual(start.net.sizes);
  expect(meanSquare(heldOut)).toBeLessThan(0.01);
});
