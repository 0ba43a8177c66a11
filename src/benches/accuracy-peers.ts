/**
 * Regressors of other packages, in a process of their own: test/bench/peers/accuracy-peers.py,
 * which says what is asked and answered. They get the rows preprocessed as we do.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Samples } from "../experts/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { type Matrix, rowOf } from "../shared/matrix.ts";
import {
  type AbsentPeer,
  PEERS_FOLDER,
  type PeerProcess,
  peerFailed,
  startPeerProcess,
} from "./peer-process.ts";

export interface AccuracyPeers {
  readonly versions: Readonly<Record<string, string>>;
  readonly process: PeerProcess;
}

const NAME = "accuracy-peers";
/** On tens of thousands of rows, all of them together take some minutes. */
const LIMIT_MS = 3_600_000;

const greetingSchema = z.union([
  z.object({ versions: z.record(z.string(), z.string()) }),
  z.object({ unavailable: z.string() }),
]);
const answerSchema = z.object({
  predictions: z.record(z.string(), z.array(z.number())),
  cpuMs: z.record(z.string(), z.number()),
});

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
 * Standardised predictions of unseen rows by each peer.
 *
 * @throws WORKER_FAILED if the process hangs, ends or answers nonsense.
 */
export async function askAccuracyPeers(
  { process }: AccuracyPeers,
  { X, y, groups }: Samples,
  unseen: Matrix,
  seed: number,
): Promise<ReadonlyMap<string, Float64Array>> {
  const question = { X: rowsOf(X), y: [...y], groups, unseen: rowsOf(unseen), seed };
  const { predictions } = parse(answerSchema, await process.ask(question));
  const named = Object.entries(predictions).map(
    ([name, values]) => [name, Float64Array.from(values)] as const,
  );
  for (const [name, values] of named) {
    if (values.length === unseen.nRows) continue;
    throw peerFailed(name, `it must say ${unseen.nRows} values, not ${values.length}`);
  }
  return new Map(named);
}

function parse<T>(schema: z.ZodType<T>, document: unknown): T {
  const { success, data, error } = schema.safeParse(document);
  if (!success) throw peerFailed(NAME, "it must keep to the protocol", error);
  return data;
}

function rowsOf(X: Matrix): number[][] {
  return Array.from({ length: X.nRows }, (_, i) => [...rowOf(X, i)]);
}
