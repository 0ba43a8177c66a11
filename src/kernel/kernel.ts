/**
 * The training kernel: SIMD WebAssembly, instantiated over a memory that threads may share.
 *
 * `kernel.wasm` gives the same bits on every CPU. `kernel-fast.wasm` multiplies and adds in one
 * instruction where the CPU can, and rounds as that CPU does. Both are built from assembly/ by
 * test/kernel/build.mjs and committed. predict-kernel.ts has the part that pages can run.
 */
import { readFile } from "node:fs/promises";
import { setFlagsFromString } from "node:v8";
import { BailiwickError } from "../shared/errors.ts";
import { createArena } from "./arena.ts";
import type { PredictKernel } from "./predict-kernel.ts";
import { PAGE_BYTES, type WasmMemory, wasm } from "./webassembly.ts";

/** The most memory one kernel, or all that share a memory, can use: 2 GiB. */
const MAX_MEMORY_BYTES = 32_768 * PAGE_BYTES;

/** What the kernel exports; see assembly/index.ts. Arguments are addresses and counts. */
export interface KernelCalls {
  train(net: number, batch: number, steps: number, nSteps: number): void;
  gradient(net: number, batch: number): void;
  predict(net: number, batch: number): void;
  allFinite(values: number, count: number): number;
}

export interface Kernel extends PredictKernel {
  readonly calls: KernelCalls;
  /** The module and the memory, for threads that join in. */
  readonly bytes: Uint8Array;
  readonly memory: WasmMemory;
}

export interface KernelOptions {
  /** Fused multiply-add: faster, not bit for bit the same on every CPU. Default false. */
  readonly fast?: boolean;
  /** The memory to work in, which other threads may share. Default: a new one. */
  readonly memory?: WasmMemory;
}

/** A shared memory that can grow to `maxBytes`. */
export function createKernelMemory(maxBytes: number = MAX_MEMORY_BYTES): WasmMemory {
  return new wasm.Memory({ initial: 1, maximum: Math.floor(maxBytes / PAGE_BYTES), shared: true });
}

/** @throws ENGINE_UNAVAILABLE if this Node cannot run the kernel asked for. */
export async function createKernel(options: KernelOptions = {}): Promise<Kernel> {
  const memory = options.memory ?? createKernelMemory();
  const bytes = await readKernel(options.fast ?? false);
  const { instance } = await wasm.instantiate(bytes, { env: { memory } });
  return { arena: createArena(memory), calls: instance.exports as KernelCalls, bytes, memory };
}

async function readKernel(fast: boolean): Promise<Uint8Array> {
  const name = fast ? "kernel-fast.wasm" : "kernel.wasm";
  const bytes = await readFile(new URL(`./${name}`, import.meta.url));
  if (wasm.validate(bytes)) return bytes;
  // Node 20 has relaxed SIMD behind a flag, which may be set before the first such module.
  if (fast) setFlagsFromString("--experimental-wasm-relaxed-simd");
  if (wasm.validate(bytes)) return bytes;
  throw new BailiwickError(
    "ENGINE_UNAVAILABLE",
    `${name} must be valid WebAssembly to Node ${process.version}, it is not`,
    { name, node: process.version },
  );
}
