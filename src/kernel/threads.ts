/**
 * Worker threads that run the kernel over one shared memory.
 *
 * A job is one call of `train`: four numbers, addresses in the shared memory. Jobs stand in a table
 * of slots that all threads share; a free thread claims one by compare-and-swap, so no thread has a
 * separate queue and none waits while another has two jobs. A thread's program is the plain
 * JavaScript below, as text, so that it starts the same from sources and from a build.
 *
 * Table, in words: [0] counts jobs ever published, which idle threads wait on, or is ENDED; from
 * [1] on, five words a slot: state, net, batch, steps, nSteps.
 */
import { Worker } from "node:worker_threads";
import { BailiwickError, checkInteger } from "../shared/errors.ts";
import type { WasmMemory } from "./webassembly.ts";

/** The most threads of one pool. */
export const MAX_THREADS = 64;
const SLOT_WORDS = 5;
/** Of a timer that does nothing but keep the process alive during jobs; workers are slower to. */
const LONG_MS = 2 ** 31 - 1;
/** More slots than threads, so that a thread always has its next job ready. */
const SLOTS_A_THREAD = 2;
/** In word 0, it ends the threads that look for a job. */
const ENDED = -1;

const PROGRAM = `
const { parentPort, workerData } = require("node:worker_threads");
const { bytes, memory, table, nSlots } = workerData;
const words = new Int32Array(table);
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
const claim = () => {
  for (let slot = 0; slot < nSlots; slot++) {
    const at = 1 + slot * ${SLOT_WORDS};
    if (Atomics.compareExchange(words, at, 1, 2) === 1) return slot;
  }
  return -1;
};
for (;;) {
  const published = Atomics.load(words, 0);
  if (published === ${ENDED}) break;
  const slot = claim();
  if (slot < 0) {
    Atomics.wait(words, 0, published);
    continue;
  }
  const at = 1 + slot * ${SLOT_WORDS};
  exports.train(words[at + 1], words[at + 2], words[at + 3], words[at + 4]);
  parentPort.postMessage(slot);
}
`;

/** Arguments of the kernel's `train`. */
export type TrainCall = readonly [net: number, batch: number, steps: number, nSteps: number];

export interface KernelThreads {
  readonly nThreads: number;
  /** The most jobs at once; more jobs wait. */
  readonly nSlots: number;
  /** Runs one call on any thread. @throws WORKER_FAILED if a thread ends, now or later. */
  train(call: TrainCall): Promise<void>;
  /** Ends the threads; current and later jobs reject with WORKER_FAILED. */
  close(): Promise<void>;
}

/** The message of a job on closed threads, or on a closed engine. */
export const CLOSED = "an engine must be open to train, it was closed";
const ENDED_EARLY = "a training thread must live, it ended";

interface Pending {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** @param bytes - The kernel's module, as this thread runs it. */
export function startThreads(
  bytes: Uint8Array,
  memory: WasmMemory,
  nThreads: number,
): KernelThreads {
  checkInteger("threads", nThreads, 1, MAX_THREADS);
  const nSlots = nThreads * SLOTS_A_THREAD;
  const words = new Int32Array(new SharedArrayBuffer(4 * (1 + nSlots * SLOT_WORDS)));
  const pending = new Map<number, Pending>();
  const waiting: (() => void)[] = [];
  let failure: BailiwickError | undefined;
  let closing = false;

  const data = { bytes, memory, table: words.buffer, nSlots };
  const workers = Array.from({ length: nThreads }, () => startWorker(data));
  const alive = setInterval(() => {}, LONG_MS).unref();
  const settle = (slot: number): Pending => {
    const job = pending.get(slot)!;
    pending.delete(slot);
    if (pending.size === 0) alive.unref();
    Atomics.store(words, 1 + slot * SLOT_WORDS, 0);
    waiting.shift()?.();
    return job;
  };
  const rejectAll = (error: BailiwickError): void => {
    failure ??= error;
    for (const slot of [...pending.keys()]) settle(slot).reject(failure);
    for (const go of waiting.splice(0)) go();
  };
  const fail = (cause: unknown): void => {
    if (!closing) rejectAll(new BailiwickError("WORKER_FAILED", ENDED_EARLY, {}, cause));
  };
  for (const worker of workers) {
    worker.on("message", (slot: number) => settle(slot).resolve());
    worker.on("error", fail).on("exit", fail);
  }

  const publish = (slot: number, call: TrainCall): Promise<void> =>
    new Promise((resolve, reject) => {
      pending.set(slot, { resolve, reject });
      if (pending.size === 1) alive.ref();
      const at = 1 + slot * SLOT_WORDS;
      words.set(call, at + 1);
      Atomics.store(words, at, 1);
      Atomics.add(words, 0, 1);
      Atomics.notify(words, 0, 1);
    });
  return {
    nThreads,
    nSlots,
    async train(call) {
      while (pending.size === nSlots) await new Promise<void>((go) => waiting.push(go));
      if (failure !== undefined) throw failure;
      let slot = 0;
      while (pending.has(slot)) slot += 1;
      await publish(slot, call);
    },
    async close() {
      closing = true;
      failure ??= new BailiwickError("WORKER_FAILED", CLOSED);
      await end(workers, pending.size > 0 ? null : words);
      // From here on, no thread writes to the memory of the last jobs.
      rejectAll(failure);
      clearInterval(alive);
    },
  };
}

function startWorker(workerData: object): Worker {
  const worker = new Worker(PROGRAM, { eval: true, workerData });
  worker.unref();
  return worker;
}

/**
 * Lets idle threads end by themselves: if Node 20 terminates one while V8 optimises its code, the
 * process may abort.
 *
 * @param words - The table of idle threads; null ends threads within their jobs.
 */
async function end(workers: readonly Worker[], words: Int32Array | null): Promise<void> {
  if (words === null) {
    await Promise.all(workers.map((worker) => worker.terminate()));
    return;
  }
  const running = workers.filter(({ threadId }) => threadId !== -1);
  const ends = running.map((worker) => new Promise((resolve) => worker.once("exit", resolve)));
  for (const worker of running) worker.ref();
  Atomics.store(words, 0, ENDED);
  Atomics.notify(words, 0);
  await Promise.all(ends);
}
