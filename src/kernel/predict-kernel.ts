/**
 * The kernel without training: for pages and other places that have no files and no threads.
 *
 * The same source as the training kernel, compiled over an unshared memory, so that it needs no
 * cross-origin isolation; its answers have the same bits. Its bytes are a module
 * (predict-bytes.ts), because a page loads modules and no files.
 */
import { BailiwickError } from "../shared/errors.ts";
import { type Arena, createArena } from "./arena.ts";
import { PREDICT_KERNEL } from "./predict-bytes.ts";
import { wasm } from "./webassembly.ts";

/** What a predictor needs of a kernel; arguments of calls are addresses. */
export interface PredictKernel {
  readonly arena: Arena;
  readonly calls: { predict(net: number, batch: number): void };
}

/** @throws ENGINE_UNAVAILABLE if this machine has no WebAssembly with 128-bit SIMD. */
export async function createPredictKernel(): Promise<PredictKernel> {
  const bytes = await inflate(PREDICT_KERNEL);
  if (typeof wasm !== "object" || bytes === null || !wasm.validate(bytes)) {
    const message = "WebAssembly with 128-bit SIMD must be available here, it is not";
    throw new BailiwickError("ENGINE_UNAVAILABLE", message);
  }
  const memory = new wasm.Memory({ initial: 1 });
  const { instance } = await wasm.instantiate(bytes, { env: { memory } });
  return { arena: createArena(memory), calls: instance.exports as PredictKernel["calls"] };
}

/** null where there is no DecompressionStream, which every browser with SIMD has. */
async function inflate(base64: string): Promise<Uint8Array | null> {
  if (typeof DecompressionStream === "undefined") return null;
  const deflated = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const stream = new Blob([deflated]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
