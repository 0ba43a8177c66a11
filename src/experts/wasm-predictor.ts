/** Answers of nets where there is no training: in a page, a worker, at the edge. */
import { createPredictKernel, createPredictor } from "../kernel/index.ts";
import { checkLength } from "../shared/errors.ts";
import type { NetPredictor } from "./engine.ts";

/**
 * Predicts with nets, with the bits of the wasm engine. It needs no files and no threads.
 *
 * @throws ENGINE_UNAVAILABLE if this machine has no WebAssembly with 128-bit SIMD.
 */
export async function createNetPredictor(): Promise<NetPredictor> {
  const predict = createPredictor(await createPredictKernel());
  return {
    predict: (net, X, into) => {
      checkLength("X.nColumns", X.nColumns, net.sizes[0]!);
      return predict(net, X.values, X.nRows, into);
    },
  };
}
