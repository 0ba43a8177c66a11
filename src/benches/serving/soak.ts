/**
 * The server under full load while its bundle is replaced again and again.
 *
 * Every version answers the same rows with different numbers, computed beforehand. An answer that
 * mixes versions, or names another version than it used, is detected. Memory is read from the
 * server's metrics.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { writeBundle } from "../../bundle/index.ts";
import type { Engine } from "../../experts/index.ts";
import { predict } from "../../mixture/index.ts";
import { median } from "../../shared/statistics.ts";
import { runLoad, startPeer } from "./peers.ts";
import { type CommandLine, type ServerProcess, startServer } from "./process.ts";
import { CELLS, drawContent, drawModel, jsonBody, tableOf } from "./workload.ts";

export interface SoakOptions {
  readonly serve: CommandLine;
  readonly peersFolder: string;
  readonly seconds: number;
  readonly reloadEveryS: number;
}

export interface SoakReport {
  readonly seconds: number;
  readonly answers: number;
  /** Anything but a 200: refusals, errors, timeouts. */
  readonly failed: number;
  /** Answers whose numbers are not those of the version they state. */
  readonly mixed: number;
  /** Versions that answered. */
  readonly versions: readonly string[];
  /** Resident bytes of the server, a sample a second. */
  readonly memoryBytes: readonly number[];
}

const CONNECTIONS = 32;

export async function soak(
  engine: Engine,
  { serve, peersFolder, seconds, reloadEveryS }: SoakOptions,
): Promise<SoakReport> {
  const root = await mkdtemp(join(tmpdir(), "bailiwick-soak-"));
  const folder = join(root, "model");
  await writeVersion(engine, folder, 1);
  const load = startPeer("load", peersFolder);
  const server = await startServer(serve, [folder]);
  const stop = new AbortController();
  const request = {
    url: `${server.origin}/v2/models/model/infer`,
    seconds,
    connections: CONNECTIONS,
    expected: answersByVersion(engine, 1 + Math.floor(seconds / reloadEveryS)),
    ...jsonBody(),
  };
  try {
    const [report, memoryBytes] = await Promise.all([
      runLoad(load, request).finally(() => stop.abort()),
      watchMemory(server, stop.signal),
      replaceVersions(engine, folder, reloadEveryS, stop.signal),
    ]);
    const { answers, failed, mixed, versions } = report;
    return { seconds, answers, failed, mixed, versions, memoryBytes };
  } finally {
    stop.abort();
    load.close();
    await server.close();
    await rm(root, { recursive: true });
  }
}

async function writeVersion(engine: Engine, folder: string, version: number): Promise<void> {
  await writeBundle(folder, drawContent(engine, "smooth", version));
}

/** The predictions of the rows by each version, as the JSON of an answer has them. */
function answersByVersion(engine: Engine, nVersions: number): Readonly<Record<string, string>> {
  const table = tableOf(CELLS);
  const answers = Array.from({ length: nVersions }, (_, v) => {
    const { values } = predict(engine, drawModel("smooth", v + 1), table);
    return [String(v + 1), JSON.stringify([...values])];
  });
  return Object.fromEntries(answers);
}

async function replaceVersions(
  engine: Engine,
  folder: string,
  everyS: number,
  signal: AbortSignal,
): Promise<void> {
  for (let version = 2; await waited(1000 * everyS, signal); version++) {
    await writeVersion(engine, folder, version);
  }
}

async function watchMemory(server: ServerProcess, signal: AbortSignal): Promise<readonly number[]> {
  const samples: number[] = [];
  while (await waited(1000, signal)) samples.push(await server.memoryBytes());
  return samples;
}

/** False as soon as the signal is given. */
async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  const [outcome] = await Promise.allSettled([wait(ms, undefined, { signal })]);
  return outcome.status === "fulfilled";
}

/** The median of the last quarter over that of the second. At least four samples. */
export function memoryGrowth({ memoryBytes }: Pick<SoakReport, "memoryBytes">): number {
  const quarter = Math.floor(memoryBytes.length / 4);
  return median(memoryBytes.slice(-quarter)) / median(memoryBytes.slice(quarter, 2 * quarter));
}
