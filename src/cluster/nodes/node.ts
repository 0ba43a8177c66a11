/**
 * A node: a device that holds experts and answers for them.
 *
 * It joins by announcing what it measured of itself, and keeps announcing: a node that falls silent
 * is taken for gone. It obeys the placer of the latest term, loads the experts that it is asked for
 * and does not hold, and checks every hash.
 */
import { randomBytes } from "node:crypto";
import { type Engine, type Expert, expertInputs, predictExpert } from "../../experts/index.ts";
import { nowMs } from "../../shared/clock.ts";
import { BailiwickError } from "../../shared/errors.ts";
import type { Matrix } from "../../shared/matrix.ts";
import { packageVersion } from "../../shared/version.ts";
import {
  checkName,
  errorMessage,
  type Fabric,
  type Message,
  nodeKey,
  nodeSubject,
  readBatch,
  type Stop,
  writeBatch,
  writeMessage,
} from "../fabric/index.ts";
import { createOpener, isSealed, type NodeSecret, type Opener } from "../seal/index.ts";
import { announceOften, refuseNamesake, waitForPlace } from "./announce.ts";
import { type Announcement, measureFlops, PROTOCOL } from "./announcement.ts";
import { type Asked, EXPERT, readAsk, sealedUnitBytes, writeAnswer } from "./ask.ts";
import { COMMAND, type Command, parseCommand } from "./command.ts";
import { createExpertCache, type ExpertCache } from "./expert-cache.ts";
import { fetchExpert, keepOnly } from "./fetch-expert.ts";

export interface NodeOptions {
  readonly name: string;
  readonly zone: string;
  /** For experts. */
  readonly memoryBytes: number;
  readonly engine: Engine;
  /** Folder that keeps experts' blobs between starts. Default: none. */
  readonly folder?: string;
  readonly watts?: number;
  /** Where the device stands, at most 200 characters. */
  readonly place?: string;
  /** Whether the engine computes on a GPU. */
  readonly hasGpu?: boolean;
  readonly trains?: boolean;
  /** Its key for sealed rows. Default: none, it takes rows in clear alone. */
  readonly sealKey?: NodeSecret;
  /** Gets a line for the person who runs the node. */
  readonly log?: (line: string) => void;
}

export interface Node {
  /** By which other processes name it. */
  readonly key: string;
  readonly profile: Pick<Announcement, "flopsPerSecond" | "memoryBytes">;
  readonly cache: ExpertCache;
  /** Answers for rows of this process, without the fabric. */
  answer(asked: Asked, X: Matrix): Promise<Float32Array>;
  /**
   * Announces that it is about to leave and goes on answering, until the placer has given its
   * experts to other nodes of its zone.
   *
   * @returns Whether it holds none any more, within this time.
   */
  handOver(ms: number): Promise<boolean>;
  /** Leaves: takes its announcement back and answers no more. */
  close(): Promise<void>;
}

const SHOWN_DIGITS = 12;
const LOOK_MS = 100;

/** @throws INVALID_OPTION if another node has this name in this zone. */
export async function startNode(fabric: Fabric, options: NodeOptions): Promise<Node> {
  const { engine, memoryBytes, folder = null, log = () => undefined } = options;
  const zone = checkName("a zone", options.zone);
  const name = checkName("a node's name", options.name);
  const key = nodeKey(zone, name);
  const incarnation = randomBytes(8).toString("hex");
  await waitForPlace(fabric, log);
  await refuseNamesake(fabric, key, log);
  const flopsPerSecond = measureFlops(engine);
  const places = { zone, folder };
  const cache = createExpertCache(memoryBytes, (hash) => fetchExpert(fabric, places, hash));
  const answerer = createAnswerer(engine, cache);
  const follower = createFollower(cache, folder, incarnation);
  const opener = options.sealKey === undefined ? null : createOpener(options.sealKey);
  const stops: Stop[] = [
    await fabric.answer(nodeSubject(zone, name, `${EXPERT}.*`), (message) => {
      return isSealed(message.headers)
        ? answerSealed(message, answerer, opener)
        : answerAsk(message, answerer);
    }),
    await fabric.answer(nodeSubject(zone, name, COMMAND), ({ body }) =>
      follower.obey(parseCommand(body)),
    ),
    await fabric.answer(nodeSubject(zone, name, "echo"), async ({ headers, body }) => ({
      headers,
      body,
    })),
  ];
  let leaving = false;
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
    place: options.place ?? "",
    held: cache.held().map((hash) => hash.slice(0, SHOWN_DIGITS)),
    ...answerer.takeCounts(),
    trains: options.trains ?? false,
    leaving,
    term: follower.term(),
    refused: fabric.refusals.total(),
    seal: opener?.offer() ?? null,
  });
  stops.push(await announceOften(fabric, key, announcement));
  return {
    key,
    profile: { flopsPerSecond, memoryBytes },
    cache,
    answer: answerer.answer,
    handOver: async (ms) => {
      leaving = true;
      for (const endMs = nowMs() + ms; cache.held().length > 0 && nowMs() < endMs; ) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
      return cache.held().length === 0;
    },
    close: async () => {
      for (const stop of stops.splice(0).reverse()) await stop();
    },
  };
}

async function answerAsk(message: Message, answerer: Answerer): Promise<Message> {
  const { asked, X } = readAsk(message);
  return writeAnswer(asked, await answerer.answer(asked, X));
}

async function answerSealed(
  sealed: Message,
  answerer: Answerer,
  opener: Opener | null,
): Promise<Message> {
  if (opener === null) {
    throw new BailiwickError("SEAL_INVALID", "a sealed message needs a node with a key");
  }
  const { message, sealAnswer } = await opener.open(sealed);
  const asks = readBatch(message.body);
  const answers = await Promise.all(
    asks.map((ask) => answerAsk(ask, answerer).catch(errorMessage)),
  );
  return sealAnswer({ headers: {}, body: writeBatch(answers) }, sealedUnitBytes(1));
}

interface Answerer {
  answer(asked: Asked, X: Matrix): Promise<Float32Array>;
  /** Rows since the start, and the share of the time since the last call spent on them. */
  takeCounts(): Pick<Announcement, "rows" | "busy">;
}

function createAnswerer(engine: Engine, cache: ExpertCache): Answerer {
  let [rows, busyMs, sinceMs] = [0, 0, nowMs()];
  return {
    answer: async ({ version }, X) => {
      const expert = cache.peek(version) ?? (await cache.get(version));
      checkWidth(expert, X);
      const started = nowMs();
      const answers = Float32Array.from(predictExpert(engine, expert, X));
      busyMs += nowMs() - started;
      rows += X.nRows;
      return answers;
    },
    takeCounts: () => {
      const now = nowMs();
      const busy = Math.min(1, busyMs / Math.max(1, now - sinceMs));
      [busyMs, sinceMs] = [0, now];
      return { rows, busy };
    },
  };
}

function checkWidth(expert: Expert, X: Matrix): void {
  const width = expertInputs(expert);
  if (width === X.nColumns) return;
  const message = `rows must have ${width} columns for this expert, got ${X.nColumns}`;
  throw new BailiwickError("SHAPE_MISMATCH", message);
}

interface Follower {
  /** The latest term that was obeyed. */
  term(): number;
  /** Carries a command out. @throws TERM_STALE if its term is earlier than the latest. */
  obey(command: Command): Promise<Message>;
}

function createFollower(cache: ExpertCache, folder: string | null, incarnation: string): Follower {
  let term = 0;
  return {
    term: () => term,
    obey: async (command) => {
      if (command.term < term) {
        const message = `a placer's term must be ${term} or later, got ${command.term}`;
        throw new BailiwickError("TERM_STALE", message, { term });
      }
      term = command.term;
      await carryOut(command, cache, folder);
      const bytes = command.experts.map((hash) => cache.bytesOf(hash));
      const result = { bytes, usedBytes: cache.usedBytes(), incarnation };
      return { headers: {}, body: writeMessage(result) };
    },
  };
}

async function carryOut(
  { action, experts }: Command,
  cache: ExpertCache,
  folder: string | null,
): Promise<void> {
  if (action === "load") for (const hash of experts) await cache.get(hash);
  if (action === "drop") for (const hash of experts) cache.drop(hash);
  if (action === "keep") {
    for (const hash of cache.held()) if (!experts.includes(hash)) cache.drop(hash);
    await keepOnly(folder, experts);
  }
  if (action === "prefetch") {
    for (const hash of experts) void cache.get(hash).catch(() => undefined);
  }
}
