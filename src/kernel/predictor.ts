/**
 * Prediction with nets that stay in the kernel's memory between calls.
 *
 * The nets used last are kept, up to a number of bytes; a net is recognised by being the same
 * object. Rows pass through a buffer of fixed size, so that memory does not grow with them.
 */
import { checkLength } from "../shared/errors.ts";
import type { Arena, Block } from "./arena.ts";
import type { Kernel } from "./kernel.ts";
import { type PlacedNet, placeNet, writeArray } from "./place-net.ts";
import type { KernelShape } from "./plan-net.ts";
import { BATCH_WORDS, writeBatch } from "./structs.ts";

/** Placed nets may hold this much. One larger net is placed alone. */
const MAX_CACHE_BYTES = 64 * 2 ** 20;
/** Inputs and outputs that pass at once: at least 16 rows of the widest layer. */
const BUFFER_FLOATS = 65_536;

/** A net in the canonical layout. Its parameters must not change once it has predicted. */
export interface KernelNet extends KernelShape {
  readonly parameters: Float32Array;
}

/**
 * Outputs for every row, shape (nRows, nOutputs). A row's bits depend on that row alone.
 *
 * @param X - Shape (nRows, nInputs).
 */
export type Predictor = (net: KernelNet, X: Float32Array, nRows: number) => Float32Array;

/** @throws MEMORY_EXCEEDED if there is no room for the buffers. */
export function createPredictor({ arena, calls }: Kernel): Predictor {
  const placed = createCache(arena);
  const { address: batch } = arena.allocate(4 * BATCH_WORDS);
  const { address: X } = arena.allocate(4 * BUFFER_FLOATS);
  const { address: outputs } = arena.allocate(4 * BUFFER_FLOATS);
  return (net, values, nRows) => {
    const nInputs = net.sizes[0]!;
    const nOutputs = net.sizes.at(-1)!;
    checkLength("X.values.length", values.length, nRows * nInputs);
    const { block } = placed(net);
    const answers = new Float32Array(nRows * nOutputs);
    const most = Math.floor(BUFFER_FLOATS / Math.max(nInputs, nOutputs));
    for (let start = 0; start < nRows; start += most) {
      const count = Math.min(most, nRows - start);
      const floats = arena.floats();
      floats.set(values.subarray(start * nInputs, (start + count) * nInputs), X / 4);
      writeBatch(arena, batch, { X, rows: 0, nRows: count, targets: 0, weights: 0, outputs });
      calls.predict(block.address, batch);
      answers.set(floats.subarray(outputs / 4, outputs / 4 + count * nOutputs), start * nOutputs);
    }
    return answers;
  };
}

/** Places nets; those used longest ago make room. */
function createCache(arena: Arena): (net: KernelNet) => PlacedNet {
  // A map keeps the order of insertion: the first entry is the one used longest ago.
  const nets = new Map<KernelNet, PlacedNet>();
  let latest: { readonly net: KernelNet; readonly placed: PlacedNet } | undefined;
  let bytes = 0;
  const makeRoom = (needed: number): void => {
    for (const [net, { block }] of nets) {
      if (bytes + needed <= MAX_CACHE_BYTES) return;
      release(net, block);
    }
  };
  const release = (net: KernelNet, block: Block): void => {
    nets.delete(net);
    arena.free(block);
    bytes -= block.bytes;
  };
  return (net) => {
    if (net === latest?.net) return latest.placed;
    let placed = nets.get(net);
    if (placed === undefined) {
      placed = placeForPrediction(arena, net);
      makeRoom(placed.block.bytes);
      bytes += placed.block.bytes;
    }
    nets.delete(net);
    nets.set(net, placed);
    latest = { net, placed };
    return placed;
  };
}

function placeForPrediction(arena: Arena, net: KernelNet): PlacedNet {
  const placed = placeNet(arena, net, "prediction");
  try {
    writeArray(arena, placed, "parameters", net.parameters);
    return placed;
  } catch (error) {
    arena.free(placed.block);
    throw error;
  }
}
