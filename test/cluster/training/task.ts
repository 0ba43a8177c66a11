/** One training task on rows of its own. */
import { initNet, type TrainTask } from "../../../src/experts/index.ts";
import type { Matrix } from "../../../src/shared/matrix.ts";
import { createRng } from "../../../src/shared/rng.ts";

export function specialistLike(nRows = 50): { readonly matrix: Matrix; readonly task: TrainTask } {
  const rng = createRng(9);
  const values = Float32Array.from({ length: 3 * nRows }, () => rng.normal());
  const targets = Float32Array.from({ length: nRows }, () => rng.normal());
  const task: TrainTask = {
    net: initNet({ sizes: [3, 5, 1], activation: "tanh" }, rng),
    loss: "squared-error",
    targets,
    rows: Int32Array.from({ length: nRows / 2 }, (_, r) => 2 * r + 1),
    weights: Float32Array.from({ length: nRows }, () => 0.5 + rng.uniform()),
    options: {
      steps: 40,
      batchSize: 16,
      learningRate: 1e-2,
      weightDecay: 0.01,
      schedule: "cosine",
      warmupSteps: 5,
      clipNorm: 1,
      seed: 4,
    },
  };
  return { matrix: { values, nRows, nColumns: 3 }, task };
}
