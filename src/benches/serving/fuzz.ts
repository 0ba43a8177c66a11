/** Requests at random, most of them broken, against a server; the peer `fuzz` makes them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeBundle } from "../../bundle/index.ts";
import type { Engine } from "../../experts/index.ts";
import type { PeerProcess } from "../peer-process.ts";
import { startPeer } from "./peers.ts";
import { type CommandLine, startServer } from "./process.ts";
import { drawMixedContent } from "./workload.ts";

export interface FuzzOptions {
  readonly serve: CommandLine;
  readonly peersFolder: string;
  readonly nRequests: number;
  readonly seed: number;
}

export interface FuzzReport {
  readonly requests: number;
  /** How many had each status; 0 where the connection was closed without one. */
  readonly byStatus: Readonly<Record<string, number>>;
  /** Failures: a 5xx answer except 503, an error without a message, a valid request refused. */
  readonly nUnhandled: number;
  /** Some of them. */
  readonly unhandled: readonly string[];
  /** Requests that were right, sent meanwhile. */
  readonly good: { readonly sent: number; readonly failed: number; readonly slowestMs: number };
  /** Exit code of the server after SIGTERM. */
  readonly exitCode: number | null;
}

const SEED = 1;

/** A server of one model is asked for all of it, and must end well. */
export async function fuzz(
  engine: Engine,
  { serve, peersFolder, nRequests, seed }: FuzzOptions,
): Promise<FuzzReport> {
  const root = await mkdtemp(join(tmpdir(), "bailiwick-fuzz-"));
  const folder = join(root, "m");
  await writeBundle(folder, drawMixedContent(engine, SEED));
  const peer = startPeer("fuzz", peersFolder);
  const server = await startServer(serve, [folder]);
  try {
    const report = await askPeer(peer, { origin: server.origin, nRequests, seed });
    return { ...report, exitCode: await server.close() };
  } finally {
    peer.close();
    await server.close();
    await rm(root, { recursive: true });
  }
}

/** Asks the peer `fuzz` to ask a server of the model `m`. */
export async function askPeer(
  peer: PeerProcess,
  target: { readonly origin: string; readonly nRequests: number; readonly seed: number },
): Promise<Omit<FuzzReport, "exitCode">> {
  const good = { path: "/v1/predict", body: JSON.stringify({ rows: [{ x: 1, kind: "a" }] }) };
  return (await peer.ask({ ...target, good })) as Omit<FuzzReport, "exitCode">;
}
