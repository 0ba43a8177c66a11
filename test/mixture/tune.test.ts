/**
 * Goal: settings go on to more steps only while more steps help.
 */
import { expect, test } from "vitest";
import { createWasmEngine, type Samples } from "../../src/experts/index.ts";
import {
  createInlineExecutor,
  PRESETS,
  regressionShape,
  tuneNet,
} from "../../src/mixture/index.ts";
import { matrix } from "../../src/shared/matrix.ts";
import { silent } from "../../src/shared/progress.ts";
import { createRng } from "../../src/shared/rng.ts";

const executor = createInlineExecutor(await createWasmEngine());
const STEPS = [400, 800, 1600];
const TUNING = { ...PRESETS.accurate.tuning, steps: STEPS, extendTo: 1600, seed: 1 };

function samplesOf(law: (x: number) => number, noise: number): Samples {
  const rng = createRng(5);
  const x = Float32Array.from({ length: 200 }, () => 2 * rng.uniform() - 1);
  const y = x.map((value) => law(value) + noise * rng.normal());
  return { X: matrix(x, 200, 1), y, weights: null, groups: null };
}

async function stepsTried(samples: Samples, halving: boolean): Promise<readonly number[]> {
  const shape = regressionShape(1, { hidden: [16], activation: "tanh" });
  const options = { ...TUNING, halving };
  const { tried } = await tuneNet(samples, shape, options, { executor, progress: silent });
  return [...new Set(tried.map(({ steps }) => steps))];
}

test("of a noisy line, halved settings stop where more steps brought nothing", async () => {
  const line = samplesOf((x) => x, 1);
  expect(await stepsTried(line, true)).toEqual([400, 800]);
  expect(await stepsTried(line, false)).toEqual(STEPS);
});

test("of a wave without noise every number of steps is tried", async () => {
  expect(
    await stepsTried(
      samplesOf((x) => Math.sin(9 * x), 0),
      true,
    ),
  ).toEqual(STEPS);
});
