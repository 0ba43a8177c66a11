/** Where splits run one after the other: this thread, or a separate one. */
import { Worker } from "node:worker_threads";
import { createWasmEngine, type FamilyName } from "../../experts/index.ts";
import { createInlineExecutor, DEFAULT_COMMITTEE, type FitOptions } from "../../mixture/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { sha256 } from "../../shared/hash.ts";
import type { Progress } from "../../shared/progress.ts";
import { childSeed, createRng } from "../../shared/rng.ts";
import { packageVersion } from "../../shared/version.ts";
import { corruptTargets } from "./corrupt-targets.ts";
import { type KnownPeers, knownPeersOf } from "./known-peers.ts";
import { checkFurther } from "./longer.ts";
import { startAccuracyPeers } from "./peers.ts";
import type { AccuracyRow } from "./row.ts";
import { runAccuracySplit } from "./split.ts";
import { type AccuracyTask, type SplitRange, tasksOf } from "./tasks.ts";

/** Plain data: a thread gets a copy. */
export interface LaneOptions {
  readonly fit: FitOptions;
  /** The part of the training rows that get the targets of others; 0 for none. */
  readonly corrupted: number;
  /** Experts of the committee beside networks. */
  readonly families: readonly FamilyName[];
  readonly splits: SplitRange | null;
  readonly mirror?: string | undefined;
  /** Interpreter of the peers; null to leave them out, or if `peersFrom` has what they said. */
  readonly python: string | null;
  /** What peers said in an earlier run over the same splits; null to ask them. */
  readonly peersFrom: readonly KnownPeers[] | null;
}

export interface Job {
  readonly set: string;
  readonly number: number;
  /** The row of a finished split whose convergence is to be checked further; null to run it. */
  readonly row: AccuracyRow | null;
}

export interface Lane {
  /** One split at a time. */
  run(job: Job, progress: Progress): Promise<AccuracyRow>;
  close(): Promise<void>;
}

/**
 * A fingerprint of the options and the version that a split's row was made with: only rows of one
 * run compare. It does not see what changes within a version.
 */
export function runOf({ fit, families, corrupted, python, peersFrom }: LaneOptions): string {
  const committee = DEFAULT_COMMITTEE;
  const facts = { version: packageVersion(), fit, committee, families, corrupted };
  const peers = python !== null || peersFrom !== null;
  return sha256(JSON.stringify({ ...facts, peers })).slice(0, RUN_DIGITS);
}

const RUN_DIGITS = 16;

/** On this thread. @throws WORKER_FAILED with the reason if peers are wanted and cannot run. */
export async function openLane(options: LaneOptions): Promise<Lane> {
  const { fit, families, python, peersFrom } = options;
  const peers = python === null ? null : await startAccuracyPeers(python);
  if (peers !== null && "absent" in peers) {
    throw new BailiwickError("WORKER_FAILED", peersMissing(peers.absent));
  }
  const executor = createInlineExecutor(await createWasmEngine({ threads: 1 }));
  let opened: readonly AccuracyTask[] = [];
  return {
    async run({ set, number, row }, progress) {
      if (opened[0]?.data.name !== set) opened = await tasksOf(set, { ...options, seed: fit.seed });
      const seeded = { ...fit, seed: childSeed(fit.seed, `split ${number}`) };
      const task = corruptTask(
        opened.find((own) => own.number === number)!,
        options.corrupted,
        seeded.seed,
      );
      if (row !== null) return checkFurther(row, task, seeded.seed, executor, progress);
      const known = peersFrom === null ? null : knownPeersOf(task, peersFrom);
      const means = { executor, peers, known, families };
      return { run: runOf(options), ...(await runAccuracySplit(task, seeded, means, progress)) };
    },
    async close() {
      peers?.process.close();
      await executor.close();
    },
  };
}

/** Test rows stay as they are. */
function corruptTask(task: AccuracyTask, share: number, seed: number): AccuracyTask {
  if (share === 0) return task;
  const rng = createRng(childSeed(seed, "corrupted targets"));
  const y = corruptTargets(task.table.y, task.split.train, share, rng);
  return { ...task, table: { ...task.table, y } };
}

function peersMissing(why: string): string {
  return (
    `the peers must run, but ${why}; install experiments/peers/requirements-accuracy.txt and ` +
    "name its Python in BAILIWICK_PYTHON, or leave them out with --no-peers"
  );
}

/** What a thread says: a stage, the row, or what went wrong. */
export type Said =
  | { readonly stage: string; readonly fraction: number }
  | { readonly row: AccuracyRow }
  | { readonly code: BailiwickError["code"]; readonly message: string };

/** On a separate thread, which runs worker.ts: from a build only. */
export function startLane(options: LaneOptions): Lane {
  const worker = new Worker(new URL("./worker.js", import.meta.url), {
    workerData: options,
  });
  return {
    run: (job, progress) =>
      new Promise((resolve, reject) => {
        const settle = (act: () => void): void => {
          worker.off("message", hear);
          worker.off("error", fail);
          act();
        };
        const fail = (error: unknown): void => settle(() => reject(error));
        const hear = (said: Said): void => {
          if ("stage" in said) progress(said.stage, said.fraction);
          else if ("row" in said) settle(() => resolve(said.row));
          else fail(new BailiwickError(said.code, said.message));
        };
        worker.on("message", hear);
        worker.on("error", fail);
        worker.postMessage(job);
      }),
    close: async () => {
      await worker.terminate();
    },
  };
}
