/**
 * What sealed rows cost and hide: requests beside those in clear, in turns, through the same router
 * and nodes, and the bytes that pass the server.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NO_BORDERS, pinnedTo } from "../../cluster/borders/index.ts";
import { createNodeKey, formatNodeSecret } from "../../cluster/seal/index.ts";
import { createSigner } from "../../cluster/witness/index.ts";
import { createWasmEngine } from "../../experts/index.ts";
import { nowMs, today } from "../../shared/clock.ts";
import type { Matrix } from "../../shared/matrix.ts";
import { median } from "../../shared/statistics.ts";
import type { CommandLine } from "../serving/process.ts";
import { N_FEATURES } from "../serving/workload.ts";
import { type Capture, canariesIn, MARK, startCapture } from "./capture.ts";
import {
  type ClusterBench,
  delay,
  openCluster,
  type RunningCluster,
  startNatsProcess,
} from "./cluster.ts";
import { ROWS, runLoad, summariseLoad } from "./cluster-load.ts";

export interface SealSizes {
  readonly nRounds: number;
  readonly seconds: number;
  readonly nAlone: number;
  readonly nCanaries: number;
}

export const FULL_SEAL: SealSizes = { nRounds: 7, seconds: 2, nAlone: 400, nCanaries: 10_000 };

/** One of each kind of rows. */
interface Both {
  readonly plain: number;
  readonly sealed: number;
}

export interface SealMeasurements {
  /** Requests a second that were right, of 64 rows, 16 at once, one value a round. */
  readonly perSecond: readonly Both[];
  /** Medians of requests one after the other, in milliseconds, one value a round. */
  readonly p50Ms: readonly Both[];
  readonly nCanaries: number;
  /** Rows that stood in the bytes to and from the server. */
  readonly found: Both;
}

const ZONE = "eu";
const CLASS = "patients";
const CONCURRENCY = 16;
const CANARY_ROWS = 50;
const TRIES = 20;
const PAUSE_MS = 500;

/** @returns null outside of a checkout, where nothing finds a server. */
export async function runSeal(
  serve: CommandLine,
  sizes: SealSizes,
): Promise<SealMeasurements | null> {
  const server = await startNatsProcess();
  if (server === null) return null;
  const engine = await createWasmEngine();
  const folder = await mkdtemp(join(tmpdir(), "bailiwick-seal-"));
  try {
    const bench: ClusterBench = { serve, engine, server };
    const measured = await withCluster(bench, folder, (cluster) => measure(cluster, bench, sizes));
    const capture = await startCapture(server.url);
    const { url } = capture;
    try {
      const found = await withCluster({ ...bench, server: { ...server, url } }, folder, (cluster) =>
        findCanaries(cluster, capture, sizes.nCanaries),
      );
      return { ...measured, nCanaries: sizes.nCanaries, found };
    } finally {
      await capture.close();
    }
  } finally {
    await engine.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function withCluster<T>(
  bench: ClusterBench,
  folder: string,
  use: (cluster: RunningCluster) => Promise<T>,
): Promise<T> {
  const zone = createSigner("log", ZONE);
  const node = async (name: string) => {
    const sealKey = join(folder, `${name}.key`);
    const secret = createNodeKey(zone, { node: `${ZONE}.${name}`, days: 1, now: today() });
    await writeFile(sealKey, formatNodeSecret(secret));
    return { name, zone: ZONE, sealKey };
  };
  const borders = {
    ...NO_BORDERS,
    zoneKeys: [zone.verifier],
    classes: new Map([[CLASS, pinnedTo([ZONE], true)]]),
  };
  const cluster = await openCluster(bench, {
    nodes: [await node("a"), await node("b")],
    recombination: "smooth",
    router: { zone: ZONE, borders },
  });
  try {
    return await use(cluster);
  } finally {
    await cluster.close();
  }
}

async function measure(
  cluster: RunningCluster,
  { engine }: ClusterBench,
  { nRounds, seconds, nAlone }: SealSizes,
): Promise<Pick<SealMeasurements, "perSecond" | "p50Ms">> {
  const load = async (rowClass: string | null): Promise<number> => {
    const started = nowMs();
    const isOver = (): boolean => nowMs() - started > 1000 * seconds;
    const answered = await runLoad(cluster, engine, { rowClass, concurrency: CONCURRENCY, isOver });
    return (1000 * summariseLoad(answered).nRight) / (nowMs() - started);
  };
  const alone = async (rowClass: string | null): Promise<number> => {
    let n = 0;
    const isOver = (): boolean => n++ >= nAlone;
    const answered = await runLoad(cluster, engine, { rowClass, concurrency: 1, isOver });
    return median(answered.map(({ startMs, endMs }) => endMs - startMs));
  };
  const perSecond: Both[] = [];
  const p50Ms: Both[] = [];
  for (let round = 0; round < nRounds; round++) {
    perSecond.push(await inTurn(load, round));
    p50Ms.push(await inTurn(alone, round));
  }
  return { perSecond, p50Ms };
}

/** Which comes first changes from round to round. */
async function inTurn(
  of: (rowClass: string | null) => Promise<number>,
  round: number,
): Promise<Both> {
  if (round % 2 === 0) return { plain: await of(null), sealed: await of(CLASS) };
  const sealed = await of(CLASS);
  return { plain: await of(null), sealed };
}

async function findCanaries(
  { router, bundle }: RunningCluster,
  capture: Capture,
  nRows: number,
): Promise<Both> {
  const send = async (rowClass: string | null): Promise<number> => {
    capture.take();
    for (let from = 0; from < nRows; from += CANARY_ROWS) {
      const X = canaryRows(from, Math.min(CANARY_ROWS, nRows - from));
      const isAnswered = (): Promise<boolean> =>
        router.predict(bundle, X, rowClass).then(
          () => true,
          () => delay(PAUSE_MS).then(() => false),
        );
      // A machine that is busy answers too late, and the node rests: rows are sent again.
      for (let n = 0; n < TRIES && !(await isAnswered()); n++);
    }
    return canariesIn(capture.take(), nRows).size;
  };
  const sealed = await send(CLASS);
  return { plain: await send(null), sealed };
}

function canaryRows(from: number, nRows: number): Matrix {
  const values = Float32Array.from({ length: nRows * N_FEATURES }, (_, place) => {
    const [i, j] = [Math.floor(place / N_FEATURES), place % N_FEATURES];
    if (j === 0) return MARK;
    return j === 1 ? from + i : ROWS.values[place % ROWS.values.length]!;
  });
  return { values, nRows, nColumns: N_FEATURES };
}
