/** Checks that every engine makes before it trains a task. */
import { BailiwickError, checkInteger, checkLength, checkNumber } from "../shared/errors.ts";
import type { Matrix } from "../shared/matrix.ts";
import type { TrainTask } from "./engine.ts";
import { checkNet } from "./net.ts";

/** The most steps of one task, and the most rows of one batch. */
export const MAX_STEPS = 10_000_000;
export const MAX_BATCH_SIZE = 65_536;

/** @throws SHAPE_MISMATCH, INVALID_OPTION, TOO_FEW_ROWS or VALUE_NOT_FINITE, naming the field. */
export function checkTask(X: Matrix, task: TrainTask): void {
  const { net, options, rows } = task;
  checkNet(net);
  checkLength("X.nColumns", X.nColumns, net.sizes[0]!);
  checkLength("targets.length", task.targets.length, X.nRows * net.sizes.at(-1)!);
  if (task.weights !== null) checkLength("weights.length", task.weights.length, X.nRows);
  checkInteger("steps", options.steps, 0, MAX_STEPS);
  checkInteger("batchSize", options.batchSize, 1, MAX_BATCH_SIZE);
  checkNumber("learningRate", options.learningRate, 0);
  checkNumber("weightDecay", options.weightDecay, 0);
  checkInteger("warmupSteps", options.warmupSteps, 0);
  if (!(options.clipNorm > 0)) {
    throw new BailiwickError(
      "INVALID_OPTION",
      `clipNorm must be positive, got ${options.clipNorm}`,
    );
  }
  checkRows(X, rows);
  checkValues("parameters", net.parameters);
  checkMoments(task);
}

function checkMoments({ net, moments }: TrainTask): void {
  if (moments === undefined) return;
  checkLength("moments.first.length", moments.first.length, net.parameters.length);
  checkLength("moments.second.length", moments.second.length, net.parameters.length);
  checkInteger("moments.step", moments.step, 0);
}

function checkRows(X: Matrix, rows: Int32Array): void {
  if (rows.length === 0) {
    throw new BailiwickError("TOO_FEW_ROWS", "rows must name at least one row, got 0");
  }
  for (const i of rows) {
    if (i < 0 || i >= X.nRows) {
      throw new BailiwickError("SHAPE_MISMATCH", `rows must lie in 0 to ${X.nRows - 1}, got ${i}`);
    }
  }
}

/** @throws VALUE_NOT_FINITE if a value is NaN or infinite, naming the array and the position. */
export function checkValues(name: string, values: Float32Array): void {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new BailiwickError(
      "VALUE_NOT_FINITE",
      `${name} must be finite, entry ${bad} is ${values[bad]}`,
      { name, entry: bad },
    );
  }
}
