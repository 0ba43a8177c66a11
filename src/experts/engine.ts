/**
 * The contract of a training engine: given rows and a list of training tasks, return trained nets.
 *
 * A task is plain data, so that it can run on this thread, on another or on another machine, and
 * it carries its own seed, so that results do not depend on the machine. The loss of one row i is
 *   squared error       w_i · ½ Σ_o (f_o(x_i) − t_io)²
 *   cross-entropy       w_i · −Σ_o t_io log softmax_o(f(x_i))
 * and a step descends the mean over its batch by Adam (Kingma & Ba 2015; β₁ .9, β₂ .999, ε 1e-8)
 * with decoupled weight decay on weights, not biases (Loshchilov & Hutter 2019):
 *   p ← p − lr_s · (m̂ / (√v̂ + ε) + decay · p)
 * after the gradient's global norm is clipped to `clipNorm`. lr_s, for step s = 0, 1, …:
 *   cosine      lr · min(1, (s+1)/warmupSteps) · (½(1 + cos(π s / steps)) + 0.002)
 *   constant    lr · min(1, (s+1)/warmupSteps)
 */
import type { EngineName } from "../shared/choices.ts";
import type { Matrix } from "../shared/matrix.ts";
import type { Net } from "./net.ts";

export type Loss = "squared-error" | "cross-entropy";

/** Adam's memory, in the order of the net's parameters. `step` counts the steps taken so far. */
export interface Moments {
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly step: number;
}

export interface TrainOptions {
  readonly steps: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly schedule: "cosine" | "constant";
  readonly warmupSteps: number;
  /** Largest global norm of a step's gradient. */
  readonly clipNorm: number;
  /** Decides the order of rows; see row-stream.ts. */
  readonly seed: number;
}

export interface TrainTask {
  /** The net to start from; not modified. */
  readonly net: Net;
  /** Adam's memory to go on with; absent, it starts at zero. */
  readonly moments?: Moments;
  readonly loss: Loss;
  /** Targets of all samples, shape (nSamples, nOutputs). For cross-entropy each row sums to 1. */
  readonly targets: Float32Array;
  /** The samples to train on, as row numbers of X. At least one. */
  readonly rows: Int32Array;
  /** Weight of every sample, shape (nSamples,); null means 1. */
  readonly weights: Float32Array | null;
  readonly options: TrainOptions;
}

export interface TrainedNet {
  readonly net: Net;
  readonly moments: Moments;
}

/** What answers with nets: every engine, and in a page the kernel without training. */
export interface NetPredictor {
  /**
   * Outputs for every row, shape (nRows, nOutputs). A row's answer depends on that row alone.
   *
   * @param into - Of that shape. It may be written to and returned in place of a new array.
   */
  predict(net: Net, X: Matrix, into?: Float32Array): Float32Array;
}

export interface Engine extends NetPredictor {
  readonly name: EngineName;
  /**
   * Trains each task on rows of X; results in the order of the list. A net that diverged has
   * parameters that are not finite; the caller decides what that means.
   * @throws as task.ts, before the training.
   */
  train(X: Matrix, tasks: readonly TrainTask[]): Promise<readonly TrainedNet[]>;
  /**
   * Releases threads and devices. Training under way, and later, rejects with WORKER_FAILED where
   * the engine has threads or gives way to other work; predictions go on.
   */
  close(): Promise<void>;
}
