/** The training engine of this process. */
import { availableParallelism } from "node:os";
import {
  createReferenceEngine,
  createTfjsEngine,
  createWasmEngine,
  type Engine,
  type EngineName,
} from "../experts/index.ts";

export interface EngineFlags {
  readonly engine?: EngineName;
  readonly threads?: number;
}

/** The engine that a command's flags ask for: SIMD WebAssembly on every core if they do not. */
export async function createEngine(flags: EngineFlags = {}): Promise<Engine> {
  const threads = flags.threads ?? availableParallelism();
  if (flags.engine === "reference") return createReferenceEngine();
  if (flags.engine === "tfjs") return createTfjsEngine();
  return createWasmEngine({ threads, fast: flags.engine === "wasm-fast" });
}
