/**
 * Prediction with nets that stay in the kernel's memory between calls.
 *
 * The nets used last are kept, up to a number of bytes; a net is recognised by being the same
 * object. Rows pass through a buffer of fixed size, so that memory does not grow with them.
 */
import { checkLength } from "../shared/errors.ts";
import type { Arena } from "./arena.ts";
import { layOut, type PlacedNet, placeNet, writeArray } from "./place-net.ts";
import type { KernelShape } from "./plan-net.ts";
import type { PredictKernel } from "./predict-kernel.ts";
import { BATCH_WORDS, writeBatch } from "./structs.ts";

/** Most bytes of placed nets. One larger net is placed alone. */
const MAX_CACHE_BYTES = 64 * 2 ** 20;
/** Inputs and outputs that pass at once: at least 16 rows of the widest layer. */
const BUFFER_FLOATS = 65_536;
/** Up to this many numbers, a loop is faster than the view that `set` would need. */
const FEW = 64;

/** A net in the canonical layout. Its parameters must not change once it has predicted. */
export interface KernelNet extends KernelShape {
  readonly parameters: Float32Array;
}

/**
 * Outputs for every row, shape (nRows, nOutputs). A row's bits depend on that row alone.
 *
 * @param X - Shape (nRows, nInputs).
 * @param into - Shape (nRows, nOutputs); written to and returned in place of a new array.
 */
export type Predictor = (
  net: KernelNet,
  X: Float32Array,
  nRows: number,
  into?: Float32Array,
) => Float32Array;

/** @throws MEMORY_EXCEEDED if there is no room for the buffers. */
export function createPredictor({ arena, calls }: PredictKernel): Predictor {
  const placed = createCache(arena);
  const { address: batch } = arena.allocate(4 * BATCH_WORDS);
  const { address: X } = arena.allocate(4 * BUFFER_FLOATS);
  const { address: outputs } = arena.allocate(4 * BUFFER_FLOATS);
  return (net, values, nRows, into) => {
    const nInputs = net.sizes[0]!;
    const nOutputs = net.sizes.at(-1)!;
    checkLength("X.values.length", values.length, nRows * nInputs);
    const answers = into ?? new Float32Array(nRows * nOutputs);
    checkLength("into.length", answers.length, nRows * nOutputs);
    const { block } = placed(net);
    const most = Math.floor(BUFFER_FLOATS / Math.max(nInputs, nOutputs));
    for (let start = 0; start < nRows; start += most) {
      const count = Math.min(most, nRows - start);
      const floats = arena.floats();
      copy(values, start * nInputs, count * nInputs, floats, X / 4);
      writeBatch(arena, batch, { X, rows: 0, nRows: count, targets: 0, weights: 0, outputs });
      calls.predict(block.address, batch);
      copy(floats, outputs / 4, count * nOutputs, answers, start * nOutputs);
    }
    return answers;
  };
}

/** Copies `count` numbers from place `start` of one array to place `at` of another. */
function copy(
  from: Float32Array,
  start: number,
  count: number,
  to: Float32Array,
  at: number,
): void {
  if (count > FEW) to.set(from.subarray(start, start + count), at);
  else for (let i = 0; i < count; i++) to[at + i] = from[start + i]!;
}

interface KeptNet {
  readonly placed: PlacedNet;
  /** The number of the call that used it last. */
  usedAt: number;
}

/** Places nets; over the limit, the least recently used nets are released, down to half of it. */
function createCache(arena: Arena): (net: KernelNet) => PlacedNet {
  const nets = new Map<KernelNet, KeptNet>();
  let bytes = 0;
  let nCalls = 0;
  const makeRoom = (): void => {
    const oldest = [...nets].sort(([, a], [, b]) => a.usedAt - b.usedAt);
    for (const [net, { placed }] of oldest) {
      if (bytes <= MAX_CACHE_BYTES / 2) return;
      nets.delete(net);
      arena.free(placed.block);
      bytes -= placed.block.bytes;
    }
  };
  const keep = (net: KernelNet): KeptNet => {
    const placed = placeForPrediction(arena, net);
    if (bytes + placed.block.bytes > MAX_CACHE_BYTES) makeRoom();
    bytes += placed.block.bytes;
    const kept = { placed, usedAt: 0 };
    nets.set(net, kept);
    return kept;
  };
  return (net) => {
    const kept = nets.get(net) ?? keep(net);
    kept.usedAt = ++nCalls;
    return kept.placed;
  };
}

function placeForPrediction(arena: Arena, net: KernelNet): PlacedNet {
  const placed = placeNet(arena, layOut(net, "prediction"));
  try {
    writeArray(arena, placed, "parameters", net.parameters);
    return placed;
  } catch (error) {
    arena.free(placed.block);
    throw error;
  }
}
