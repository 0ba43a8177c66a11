/**
 * Regressors of other packages, in a separate process: experiments/peers/accuracy-peers.py,
 * which documents the protocol. They get the rows preprocessed as our methods do.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Samples } from "../../experts/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { type Matrix, rowOf } from "../../shared/matrix.ts";
import {
  type AbsentPeer,
  PEERS_FOLDER,
  type PeerProcess,
  peerFailed,
  startPeerProcess,
} from "../peer-process.ts";

export interface AccuracyPeers {
  readonly versions: Readonly<Record<string, string>>;
  readonly process: PeerProcess;
}

const NAME = "accuracy-peers";
/** On tens of thousands of rows, all of them together take some minutes; the script limits each. */
const LIMIT_MS = 3_600_000;

const greetingSchema = z.union([
  z.object({ versions: z.record(z.string(), z.string()) }),
  z.object({ unavailable: z.string() }),
]);
const answerSchema = z.object({
  predictions: z.record(z.string(), z.array(z.number())),
  cpuMs: z.record(z.string(), z.number()),
  failed: z.record(z.string(), z.string()),
});

/** A few fast peers, for every split; or all of them, some of which take minutes. */
export type PeerTier = "core" | "all";

export interface PeerAnswers {
  /** Standardised predictions of the unseen rows by each peer that answered. */
  readonly answers: ReadonlyMap<string, Float64Array>;
  /** CPU time of each peer, tuning included; of one that failed too, if it could still say. */
  readonly cpuMs: Readonly<Record<string, number>>;
  /** Why a peer did not answer; a peer that is not asked about this many rows is absent. */
  readonly failed: Readonly<Record<string, string>>;
}

/** What a row holds of peers: test errors in the target's units, squared, and the rest as above. */
export interface PeerFigures {
  readonly mse: Readonly<Record<string, number>>;
  readonly peerCpuMs: Readonly<Record<string, number>>;
  readonly failed: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, string>>;
}

/** Must be closed if it runs. */
export async function startAccuracyPeers(
  python: string,
  folder: string = PEERS_FOLDER,
): Promise<AccuracyPeers | AbsentPeer> {
  const script = join(folder, `${NAME}.py`);
  if (!existsSync(script)) return { name: NAME, absent: `the script ${script} is not there` };
  const process = startPeerProcess(NAME, [python, script], LIMIT_MS);
  try {
    const greeting = parse(greetingSchema, await process.ask({}));
    if ("versions" in greeting) return { versions: greeting.versions, process };
    process.close();
    return { name: NAME, absent: greeting.unavailable };
  } catch (error) {
    process.close();
    if (error instanceof BailiwickError) return { name: NAME, absent: error.message };
    throw error;
  }
}

/**
 * Asks the peers of a tier to learn the samples and predict the unseen rows. One that fails costs
 * no more than its own answer.
 *
 * @param question seed: a whole number from 0 to 2^31 - 1.
 * @throws WORKER_FAILED if the process hangs, ends or answers nonsense.
 */
export async function askAccuracyPeers(
  { process }: AccuracyPeers,
  { X, y, groups }: Samples,
  unseen: Matrix,
  { seed, tier }: { readonly seed: number; readonly tier: PeerTier },
): Promise<PeerAnswers> {
  const question = { X: rowsOf(X), y: [...y], groups, unseen: rowsOf(unseen), seed, tier };
  const { predictions, cpuMs, failed } = parse(answerSchema, await process.ask(question));
  const answers = new Map<string, Float64Array>();
  const wrong: Record<string, string> = {};
  for (const [name, values] of Object.entries(predictions)) {
    if (values.length === unseen.nRows) answers.set(name, Float64Array.from(values));
    else wrong[name] = `it must say ${unseen.nRows} values, not ${values.length}`;
  }
  return { answers, cpuMs, failed: { ...failed, ...wrong } };
}

function parse<T>(schema: z.ZodType<T>, document: unknown): T {
  const { success, data, error } = schema.safeParse(document);
  if (!success) throw peerFailed(NAME, "it must keep to the protocol", error);
  return data;
}

function rowsOf(X: Matrix): number[][] {
  return Array.from({ length: X.nRows }, (_, i) => [...rowOf(X, i)]);
}
