/** The peers of serving: load, echo, and fuzz. One process each. */
import { join } from "node:path";
import { type PeerProcess, startPeerProcess } from "../peer-process.ts";
import type { InferBody } from "./workload.ts";

/** @param name - Of a script in `folder`, without its ending. */
export function startPeer(name: string, folder: string): PeerProcess {
  return startPeerProcess(name, [process.execPath, join(folder, `${name}.mjs`)]);
}

/** One request, asked over and over. */
export interface LoadRequest extends InferBody {
  readonly url: string;
  readonly seconds: number;
  readonly connections: number;
  /** By version, the numbers that it must answer with, as JSON. Default: not checked. */
  readonly expected?: Readonly<Record<string, string>>;
}

export interface LoadReport {
  readonly answers: number;
  readonly perSecond: number;
  /** Anything but a 200: refusals, errors, timeouts. */
  readonly failed: number;
  /** Answers whose numbers are not those of the version they state. */
  readonly mixed: number;
  /** Versions that answered. */
  readonly versions: readonly string[];
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly packages: Readonly<Record<string, string>>;
}

/** Asks `load` to ask. */
export async function runLoad(
  load: PeerProcess,
  { body, ...request }: LoadRequest,
): Promise<LoadReport> {
  return (await load.ask({ ...request, body: body.toString("base64") })) as LoadReport;
}
