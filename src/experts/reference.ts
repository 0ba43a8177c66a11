/**
 * The reference engine: the training loop in plain TypeScript, for reading and for checking
 * faster engines against. It computes in 64 bits and rounds to 32 when it returns a net.
 */
import { checkLength } from "../shared/errors.ts";
import type { Matrix } from "../shared/matrix.ts";
import { rowOf } from "../shared/matrix.ts";
import { type AdamState, adamStep, clipGradient, learningRateAt } from "./adam.ts";
import { batchGradient, createPass, forward } from "./backpropagation.ts";
import type { Engine, TrainedNet, TrainTask } from "./engine.ts";
import { checkNet, type Net } from "./net.ts";
import { createRowStream } from "./row-stream.ts";
import { checkTask } from "./task.ts";

/**
 * The engine in plain TypeScript, in 64-bit arithmetic, to check other engines by. It is slow.
 *
 * @example
 * ```ts
 * import { createReferenceEngine } from "bailiwick/engine";
 *
 * const engine = createReferenceEngine();
 * console.log(engine.name);
 * await engine.close();
 * ```
 */
export function createReferenceEngine(): Engine {
  return {
    name: "reference",
    train: async (X, tasks) => tasks.map((task) => trainNet(X, task)),
    predict: predictNet,
    close: async () => {},
  };
}

/** Trains one net by the formulas of engine.ts. */
export function trainNet(X: Matrix, task: TrainTask): TrainedNet {
  checkTask(X, task);
  const { net, options } = task;
  const state = startState(task);
  const nextRows = createRowStream(task.rows, options.seed);
  const rows = new Int32Array(options.batchSize);
  const pass = createPass(net);
  const gradient = new Float64Array(net.parameters.length);
  for (let s = 0; s < options.steps; s++) {
    nextRows(rows);
    batchGradient(pass, state.parameters, task, { X, rows }, gradient);
    clipGradient(gradient, options.clipNorm);
    const learningRate = learningRateAt(options, s);
    adamStep(state, net, gradient, { learningRate, weightDecay: options.weightDecay });
  }
  return finishState(net, state);
}

function startState({ net, moments }: TrainTask): AdamState {
  const size = net.parameters.length;
  return {
    parameters: Float64Array.from(net.parameters),
    first: moments ? Float64Array.from(moments.first) : new Float64Array(size),
    second: moments ? Float64Array.from(moments.second) : new Float64Array(size),
    step: moments?.step ?? 0,
  };
}

function finishState(net: Net, state: AdamState): TrainedNet {
  const parameters = Float32Array.from(state.parameters);
  return {
    net: { ...net, parameters },
    moments: {
      first: Float32Array.from(state.first),
      second: Float32Array.from(state.second),
      step: state.step,
    },
  };
}

/** Outputs for every row of X, shape (nRows, nOutputs). */
export function predictNet(net: Net, X: Matrix): Float32Array {
  checkNet(net);
  checkLength("X.nColumns", X.nColumns, net.sizes[0]!);
  const nOutputs = net.sizes.at(-1)!;
  const outputs = new Float32Array(X.nRows * nOutputs);
  const pass = createPass(net);
  for (let i = 0; i < X.nRows; i++) {
    outputs.set(forward(pass, net.activation, net.parameters, rowOf(X, i)), i * nOutputs);
  }
  return outputs;
}
