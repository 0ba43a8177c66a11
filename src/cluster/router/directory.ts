/**
 * The directory: which node holds which expert, and which nodes are there.
 *
 * A watch keeps it up to date, so that a request looks nothing up. While the placer or the server
 * is gone, the last homes hold.
 */
import { z } from "zod";
import { nowMs } from "../../shared/clock.ts";
import {
  type Fabric,
  nodeKeySchema,
  readMessage,
  type Stop,
  sha256Schema,
} from "../fabric/index.ts";
import { type Announcement, PROTOCOL, parseAnnouncement } from "../nodes/index.ts";

const MAX_HOMES = 10_000;
const MAX_STREAMED = 100_000;

const homesSchema: z.ZodType<Homes> = z.object({
  /** Of the placer's lease. */
  term: z.int().nonnegative(),
  /** Keys of nodes, by the expert's hash. */
  homes: z.record(sha256Schema, z.array(nodeKeySchema).max(MAX_HOMES).readonly()).readonly(),
  /** Experts for which no memory is reserved: their homes fetch them when they are asked for. */
  streamed: z.array(sha256Schema).max(MAX_STREAMED).readonly(),
});

/** What the placer writes. */
export interface Homes {
  readonly term: number;
  readonly homes: Readonly<Record<string, readonly string[]>>;
  readonly streamed: readonly string[];
}

export const HOMES_KEY = "homes";
/** A node that has not announced itself for this long is gone. */
const SILENT_MS = 1800;

export interface SeenNode {
  readonly key: string;
  readonly announcement: Announcement;
  /** By this process's clock: those of other machines may differ. */
  readonly seenMs: number;
}

export interface Directory {
  /** Of the placer that wrote the homes. */
  term(): number;
  homesOf(hash: string): readonly string[];
  /** The last homes' revision; 0 before any, and after they were lost. */
  revision(): number;
  homes(): Homes["homes"];
  streamed(): Homes["streamed"];
  nodes(): ReadonlyMap<string, SeenNode>;
  isThere(key: string): boolean;
  close(): Promise<void>;
}

export async function watchDirectory(fabric: Fabric): Promise<Directory> {
  const nodes = new Map<string, SeenNode>();
  let current: Homes = { term: 0, homes: {}, streamed: [] };
  let revision = 0;
  let [nSeen, heardMs] = [0, 0];
  /** Where no node is heard of, servers may be choosing another leader of the announcements. */
  const isSilent = ({ seenMs }: SeenNode): boolean => {
    const silentMs = nowMs() - seenMs;
    if (silentMs < SILENT_MS) return false;
    return heardMs - seenMs >= SILENT_MS || silentMs >= fabric.failoverMs;
  };
  const { refusals } = fabric;
  const bucket = await fabric.bucket("homes");
  const stops: Stop[] = [
    await bucket.watch((entry) => {
      const { key, value } = entry;
      if (key !== HOMES_KEY || value === null) return;
      const homes = refusals.accept(() => parseHomes(value));
      if (homes === null) return;
      current = homes;
      revision = entry.revision;
      nSeen += 1;
    }),
    await (await fabric.bucket("nodes")).watch(({ key, value }) => {
      const announcement = value === null ? null : refusals.accept(() => parseAnnouncement(value));
      if (announcement === null || announcement.protocol !== PROTOCOL) nodes.delete(key);
      else nodes.set(key, { key, announcement, seenMs: nowMs() });
      if (value !== null) heardMs = nowMs();
    }),
  ];
  bucket.onLost(async () => {
    const nBefore = nSeen;
    const there = await bucket.get(HOMES_KEY);
    // What the watch has seen since is later than this answer.
    if (nSeen === nBefore) revision = there?.revision ?? 0;
  });
  return {
    term: () => current.term,
    homesOf: (hash) => current.homes[hash] ?? [],
    revision: () => revision,
    homes: () => current.homes,
    streamed: () => current.streamed,
    nodes: () => nodes,
    isThere: (key) => {
      const node = nodes.get(key);
      // While the connection is down, a node that was there is taken to be there still.
      return node !== undefined && (!fabric.isConnected() || !isSilent(node));
    },
    close: async () => {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}

/** @throws MESSAGE_INVALID unless it is what a placer writes. */
export function parseHomes(value: Uint8Array): Homes {
  return readMessage("the homes of experts", homesSchema, value);
}
