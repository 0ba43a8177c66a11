/** Gradients of nets at given rows, by the kernel: what training takes steps along. */
import {
  createKernel,
  createPredictor,
  createUploads,
  type Kernel,
  startTraining,
} from "../kernel/index.ts";
import { checkLength } from "../shared/errors.ts";
import type { Matrix } from "../shared/matrix.ts";
import type { NetPredictor, TrainTask } from "./engine.ts";
import type { Net } from "./net.ts";

export interface LossAt extends Pick<TrainTask, "loss" | "targets" | "weights"> {
  readonly X: Matrix;
}

export interface NetGradients extends NetPredictor {
  /**
   * Adds the gradient of the loss, summed over the rows, to `into`. Modifies `into`.
   *
   * @throws SHAPE_MISMATCH; VALUE_NOT_FINITE for rows that are not.
   */
  addGradient(net: Net, at: LossAt, into: Float64Array): void;
}

/** Rows whose gradients are summed in 32 bits. */
const CHUNK_ROWS = 2048;

/** @throws ENGINE_UNAVAILABLE if this Node cannot run the kernel. */
export async function createNetGradients(): Promise<NetGradients> {
  const kernel = await createKernel();
  const predict = createPredictor(kernel);
  return {
    predict: (net, X, into) => {
      checkLength("X.nColumns", X.nColumns, net.sizes[0]!);
      return predict(net, X.values, X.nRows, into);
    },
    addGradient: (net, at, into) => {
      checkLength("X.nColumns", at.X.nColumns, net.sizes[0]!);
      checkLength("targets.length", at.targets.length, at.X.nRows * net.sizes.at(-1)!);
      for (let start = 0; start < at.X.nRows; start += CHUNK_ROWS) {
        const count = Math.min(CHUNK_ROWS, at.X.nRows - start);
        addChunk(kernel, net, at, { start, count, into });
      }
    },
  };
}

interface Chunk {
  readonly start: number;
  readonly count: number;
  readonly into: Float64Array;
}

function addChunk(
  kernel: Kernel,
  net: Net,
  { X, loss, targets, weights }: LossAt,
  { start, count, into }: Chunk,
): void {
  const uploads = createUploads(kernel);
  try {
    const training = startTraining(
      kernel,
      net,
      { loss, batchSize: count },
      {
        X: uploads.upload("X", X.values),
        targets: uploads.upload("targets", targets),
        weights: weights === null ? 0 : uploads.upload("weights", weights),
      },
    );
    try {
      training.write("parameters", net.parameters);
      training.gradient((rows) => {
        for (let r = 0; r < count; r++) rows[r] = start + r;
      });
      // The kernel's is that of the mean.
      training.read("gradients").forEach((g, p) => {
        into[p]! += count * g;
      });
    } finally {
      training.close();
    }
  } finally {
    uploads.free();
  }
}
