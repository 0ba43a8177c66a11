/**
 * Inputs that have one value in all rows that an expert is trained on.
 *
 * Nothing can be learnt about such an input, so an expert must not react to it: training never
 * changed its random weights. Every family therefore leaves these inputs out, for every cause: a
 * constant column, a level that no row of a regime has, a fold.
 */
import type { Matrix } from "../shared/matrix.ts";
import type { Engine, TrainedNet, TrainTask } from "./engine.ts";
import { layerOffsets, type Net } from "./net.ts";

/** Numbers of the columns of X that have one value in the given rows, ascending. */
export function constantInputs(
  { values, nRows, nColumns }: Matrix,
  rows: ArrayLike<number> = Int32Array.from({ length: nRows }, (_, i) => i),
): readonly number[] {
  if (rows.length === 0) return [];
  const first = rows[0]! * nColumns;
  return Array.from({ length: nColumns }, (_, j) => j).filter((j) => {
    for (let r = 1; r < rows.length; r++) {
      if (values[rows[r]! * nColumns + j] !== values[first + j]) return false;
    }
    return true;
  });
}

/** A copy of X with 0 in the given columns; X itself if there are none. */
export function withoutInputs(X: Matrix, columns: readonly number[]): Matrix {
  if (columns.length === 0) return X;
  const values = X.values.slice();
  for (let start = 0; start < values.length; start += X.nColumns) {
    for (const j of columns) values[start + j] = 0;
  }
  return { ...X, values };
}

/**
 * A net with the same answers to the given rows as `net`, which does not react to inputs that are
 * constant in them: the effect of such an input becomes part of the first biases.
 *
 * @param rows - Row numbers of X, at least one.
 */
export function foldConstantInputs(net: Net, X: Matrix, rows: ArrayLike<number>): Net {
  const columns = constantInputs(X, rows);
  if (columns.length === 0) return net;
  const parameters = net.parameters.slice();
  const [first] = layerOffsets(net.sizes);
  const { outputs, weights, biases } = first!;
  for (let o = 0; o < outputs; o++) {
    let bias = parameters[biases + o]!;
    for (const j of columns) {
      const at = weights + j * outputs + o;
      bias += parameters[at]! * X.values[rows[0]! * X.nColumns + j]!;
      parameters[at] = 0;
    }
    parameters[biases + o] = bias;
  }
  return { ...net, parameters };
}

/**
 * Trains nets on an engine, without the inputs that are constant in their rows. All training, on
 * every machine, calls this function.
 *
 * @throws as `Engine.train`.
 */
export async function trainTasks(
  engine: Engine,
  X: Matrix,
  tasks: readonly TrainTask[],
): Promise<readonly TrainedNet[]> {
  const trained = await engine.train(X, tasks);
  return trained.map(({ net, moments }, t) => {
    return { net: foldConstantInputs(net, X, tasks[t]!.rows), moments };
  });
}
