/**
 * Rivals that divide rows and predict: each a process, each given the true number of regimes,
 * which we are not.
 *
 * Their scripts and the protocol are experiments/peers/regimes-peers.py and regimes-flexmix.R.
 * They get the rows standardised as we do. One that cannot solve a case says so and is asked the
 * next; one that hangs, ends or answers nonsense is out for the rest of the run.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { applyPreprocessing, unscaleTarget } from "../../data/index.ts";
import { adjustedRandIndex } from "../../metrics/index.ts";
import { standardise } from "../../mixture/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { type Matrix, rowOf } from "../../shared/matrix.ts";
import {
  type AbsentPeer,
  PEER_LIMIT_MS,
  type PeerProcess,
  peerFailed,
  startPeerProcess,
} from "../peer-process.ts";
import { routedErrors } from "./fit.ts";
import type { RegimeCase } from "./sets.ts";

export interface RegimePeer {
  readonly name: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly process: PeerProcess;
}

/** What a peer made of a case, or why it could not. */
export type PeerOutcome =
  | {
      readonly name: string;
      /** null of one that does not divide the rows. */
      readonly ari: number | null;
      /** Mean squared error ÷ the noise's variance, over all test rows. */
      readonly error: number;
      readonly cpuSeconds: number;
    }
  | { readonly name: string; readonly failed: string };

/** An answer that depends on the data and on the peer alone: it need not be asked for again. */
export interface KeptAnswer extends Pick<RegimeCase, "set" | "seed"> {
  readonly nRows: number;
  /** Of the peer, and perhaps of others. */
  readonly versions: Readonly<Record<string, string>>;
  readonly outcome: PeerOutcome;
}

export interface RegimePeersOptions {
  readonly folder: string;
  /** Interpreter of the peers in Python. */
  readonly python: string;
  /** How long one may think. */
  readonly limitMs?: number;
}

/** Boosted trees, which divide nothing into regimes. */
export const TREE_PEERS: readonly string[] = ["hist-gradient-boosting", "catboost"];
const PYTHON_PEERS = [
  "k-means",
  "gaussian-mixture",
  "smt-moe",
  "parc",
  "linear-tree",
  ...TREE_PEERS,
];

const greetingSchema = z.union([
  z.object({ versions: z.record(z.string(), z.string()) }),
  z.object({ unavailable: z.string() }),
]);
const answerSchema = z.union([
  z.object({
    labels: z.array(z.int()).nullable(),
    predictions: z.array(z.number()),
    cpuMs: z.number(),
  }),
  z.object({ failed: z.string() }),
]);

/** Starts every peer. Those that run must be closed. */
export async function startRegimePeers({
  folder,
  python,
  limitMs = PEER_LIMIT_MS,
}: RegimePeersOptions): Promise<readonly (RegimePeer | AbsentPeer)[]> {
  const commands: readonly (readonly [name: string, file: string, ...string[]])[] = [
    ...PYTHON_PEERS.map((name) => [name, python, join(folder, "regimes-peers.py"), name] as const),
    ["flexmix", "Rscript", join(folder, "regimes-flexmix.R")],
  ];
  return Promise.all(commands.map(([name, ...command]) => startPeer(name, command, limitMs)));
}

async function startPeer(
  name: string,
  [file, script, ...args]: readonly [string, ...string[]],
  limitMs: number,
): Promise<RegimePeer | AbsentPeer> {
  if (script === undefined || !existsSync(script)) {
    return { name, absent: `the script ${script} is not there` };
  }
  const process = startPeerProcess(name, [file, script, ...args], limitMs);
  try {
    const greeting = parse(name, greetingSchema, await process.ask({}));
    if ("versions" in greeting) return { name, versions: greeting.versions, process };
    process.close();
    return { name, absent: greeting.unavailable };
  } catch (error) {
    process.close();
    if (error instanceof BailiwickError) return { name, absent: error.message };
    throw error;
  }
}

/** @throws WORKER_FAILED if the peer hangs, has ended or answers nonsense; it is closed then. */
export async function askPeer(
  { name, process }: RegimePeer,
  own: RegimeCase,
): Promise<PeerOutcome> {
  const { train, test, truth, seed } = own;
  const { preprocessing, samples } = standardise(train);
  const { X, y } = samples;
  const testX = applyPreprocessing(preprocessing, test.features);
  const { regimes, nRegimes } = truth!;
  const request = { X: rowsOf(X), y: Array.from(y), testX: rowsOf(testX), nRegimes, seed };
  try {
    const answer = parse(name, answerSchema, await process.ask(request));
    if ("failed" in answer) return { name, failed: answer.failed };
    const { labels, predictions, cpuMs } = answer;
    if (
      (labels?.length ?? regimes.length) !== regimes.length ||
      predictions.length !== regimes.length
    ) {
      throw peerFailed(name, `it must say ${regimes.length} labels and predictions`);
    }
    const values = unscaleTarget(Float64Array.from(predictions), preprocessing.target);
    const { all } = routedErrors(own, values, new Uint8Array(regimes.length));
    const ari = labels && adjustedRandIndex(regimes, labels);
    return { name, ari, error: all, cpuSeconds: cpuMs / 1000 };
  } catch (error) {
    process.close();
    throw error;
  }
}

function parse<T>(name: string, schema: z.ZodType<T>, document: unknown): T {
  const { success, data, error } = schema.safeParse(document);
  if (!success) throw peerFailed(name, "it must keep to the protocol", error);
  return data;
}

function rowsOf(X: Matrix): number[][] {
  return Array.from({ length: X.nRows }, (_, i) => Array.from(rowOf(X, i)));
}
