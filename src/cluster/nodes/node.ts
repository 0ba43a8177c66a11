/**
 * A node: a device that holds experts and answers for them.
 *
 * It joins by announcing what it measured of itself, and goes on announcing: who falls silent is
 * taken for gone. It does what the placer of the latest term says, loads what it is asked for and
 * does not hold, and checks every hash.
 */
import { randomBytes } from "node:crypto";
import { type Engine, type Expert, expertInputs, predictExpert } from "../../experts/index.ts";
import { nowMs } from "../../shared/clock.ts";
import { BailiwickError } from "../../shared/errors.ts";
import type { Matrix } from "../../shared/matrix.ts";
import { packageVersion } from "../../shared/version.ts";
import {
  checkName,
  type Delivered,
  type Fabric,
  type Message,
  nodeKey,
  nodeSubject,
  type Stop,
} from "../fabric/index.ts";
import { type Asked, EXPERT, readAsk, writeAnswer } from "./ask.ts";
import { COMMAND, encode, parseCommand } from "./command.ts";
import { createExpertCache, type ExpertCache } from "./expert-cache.ts";
import { fetchExpert } from "./fetch-expert.ts";
import { type Announcement, checkProtocol, measureFlops, PROTOCOL } from "./profile.ts";

export interface NodeOptions {
  readonly name: string;
  readonly zone: string;
  /** For experts. */
  readonly memoryBytes: number;
  readonly engine: Engine;
  /** Where experts' blobs are kept between starts; nowhere if left out. */
  readonly folder?: string;
  readonly watts?: number;
  /** Whether the engine computes on a GPU. */
  readonly hasGpu?: boolean;
  readonly trains?: boolean;
  /** Told of what a person should know. */
  readonly log?: (line: string) => void;
}

export interface Node {
  /** By which all others call it. */
  readonly key: string;
  readonly profile: Pick<Announcement, "flopsPerSecond" | "memoryBytes">;
  readonly cache: ExpertCache;
  /** Answers for rows without the fabric, in this process. */
  answer(asked: Asked, X: Matrix): Promise<Float32Array>;
  /** Leaves: says so, and answers no more. */
  close(): Promise<void>;
}

const ANNOUNCE_MS = 500;
const SHOWN_DIGITS = 12;

/** @throws INVALID_OPTION if another node of this name and zone is there. */
export async function startNode(fabric: Fabric, options: NodeOptions): Promise<Node> {
  const { engine, memoryBytes, folder = null, log = () => undefined } = options;
  const zone = checkName("a zone", options.zone);
  const name = checkName("a node's name", options.name);
  const key = nodeKey(zone, name);
  const incarnation = randomBytes(8).toString("hex");
  await refuseNamesake(fabric, key, log);
  const flopsPerSecond = measureFlops(engine);
  const cache = createExpertCache(memoryBytes, (hash) => fetchExpert(fabric, folder, hash));
  const counts = { rows: 0, busyMs: 0, sinceMs: nowMs() };
  let term = 0;

  const predict = (expert: Expert, X: Matrix): Float32Array => {
    const started = nowMs();
    const answers = Float32Array.from(predictExpert(engine, expert, X));
    counts.busyMs += nowMs() - started;
    counts.rows += X.nRows;
    return answers;
  };
  const answer = async ({ version }: Asked, X: Matrix): Promise<Float32Array> => {
    const expert = cache.peek(version) ?? (await cache.get(version));
    checkWidth(expert, X);
    return predict(expert, X);
  };
  const obey = async ({ body }: Delivered): Promise<Message> => {
    const command = parseCommand(body);
    if (command.term < term) {
      const message = `a placer's term must be ${term} or later, got ${command.term}`;
      throw new BailiwickError("TERM_STALE", message, { term });
    }
    term = command.term;
    await carryOut(command, cache);
    const bytes = command.experts.map((hash) => cache.bytesOf(hash));
    return { headers: {}, body: encode({ bytes, usedBytes: cache.usedBytes(), incarnation }) };
  };
  const stops: Stop[] = [
    await fabric.answer(nodeSubject(zone, name, `${EXPERT}.*`), async (message) => {
      checkProtocol(Number(message.headers["protocol"]));
      const { asked, X } = readAsk(message);
      return writeAnswer(asked, await answer(asked, X));
    }),
    await fabric.answer(nodeSubject(zone, name, COMMAND), obey),
    await fabric.answer(nodeSubject(zone, name, "echo"), async ({ headers, body }) => ({
      headers,
      body,
    })),
  ];
  const announcement = (): Announcement => ({
    protocol: PROTOCOL,
    packageVersion: packageVersion(),
    incarnation,
    zone,
    name,
    flopsPerSecond,
    memoryBytes,
    usedBytes: cache.usedBytes(),
    hasGpu: options.hasGpu ?? false,
    watts: options.watts ?? 0,
    held: cache.held().map((hash) => hash.slice(0, SHOWN_DIGITS)),
    rows: counts.rows,
    busy: takeBusy(counts),
    trains: options.trains ?? false,
  });
  const announcing = await announceOften(fabric, key, announcement);
  return {
    key,
    profile: { flopsPerSecond, memoryBytes },
    cache,
    answer,
    close: async () => {
      await announcing();
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}

async function carryOut(
  { action, experts }: ReturnType<typeof parseCommand>,
  cache: ExpertCache,
): Promise<void> {
  if (action === "load") for (const hash of experts) await cache.get(hash);
  if (action === "drop") for (const hash of experts) cache.drop(hash);
  if (action === "prefetch") {
    for (const hash of experts) void cache.get(hash).catch(() => undefined);
  }
}

/** One name, one node: a namesake would answer for us, or we for it. */
async function refuseNamesake(
  fabric: Fabric,
  key: string,
  log: (line: string) => void,
): Promise<void> {
  const nodes = await fabric.bucket("nodes");
  const first = await nodes.get(key);
  if (first === null) return;
  log(`waiting whether another node is ${key}, or was`);
  await new Promise((resolve) => setTimeout(resolve, 4 * ANNOUNCE_MS));
  const later = await nodes.get(key);
  if (later === null || later.revision === first.revision) return;
  const message = `a node's name must be its own in its zone, another is ${key}`;
  throw new BailiwickError("INVALID_OPTION", message, { key });
}

/** @returns What ends it, and takes the announcement back. */
async function announceOften(
  fabric: Fabric,
  key: string,
  announcement: () => Announcement,
): Promise<Stop> {
  const nodes = await fabric.bucket("nodes");
  const put = (): Promise<unknown> =>
    nodes.put(key, new TextEncoder().encode(JSON.stringify(announcement())));
  await put();
  let isPutting = false;
  const timer = setInterval(() => {
    if (isPutting || !fabric.isConnected()) return;
    isPutting = true;
    put()
      .catch(() => undefined)
      .finally(() => {
        isPutting = false;
      });
  }, ANNOUNCE_MS);
  return async () => {
    clearInterval(timer);
    if (fabric.isConnected()) await nodes.delete(key).catch(() => undefined);
  };
}

function takeBusy(counts: { busyMs: number; sinceMs: number }): number {
  const now = nowMs();
  const busy = counts.busyMs / Math.max(1, now - counts.sinceMs);
  counts.busyMs = 0;
  counts.sinceMs = now;
  return Math.min(1, busy);
}

function checkWidth(expert: Expert, X: Matrix): void {
  const width = expertInputs(expert);
  if (width === X.nColumns) return;
  const message = `rows must have ${width} columns for this expert, got ${X.nColumns}`;
  throw new BailiwickError("SHAPE_MISMATCH", message);
}
