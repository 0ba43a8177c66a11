/**
 * Which node holds which expert, and which nodes are there: kept by a watch, never looked up.
 *
 * With nobody left to tell, the last that was told still holds.
 */

import { nowMs } from "../../shared/clock.ts";
import type { Fabric, Stop } from "../fabric/index.ts";
import { type Announcement, PROTOCOL, parseAnnouncement } from "../nodes/index.ts";

/** What the placer writes. */
export interface Homes {
  /** Of the placer's lease. */
  readonly term: number;
  /** Keys of nodes, by the expert's hash. */
  readonly homes: Readonly<Record<string, readonly string[]>>;
  /** Experts that no memory is kept for: their homes fetch them as they are asked for. */
  readonly streamed: readonly string[];
}

export const HOMES_KEY = "homes";
/** A node that has not announced itself for so long is gone. */
export const SILENT_MS = 1800;

export interface SeenNode {
  readonly key: string;
  readonly told: Announcement;
  /** By this process' own clock: those of others may be anything. */
  readonly seenMs: number;
}

export interface Table {
  term(): number;
  homesOf(hash: string): readonly string[];
  /** The last table's revision; 0 before any. */
  revision(): number;
  homes(): Homes["homes"];
  streamed(): Homes["streamed"];
  nodes(): ReadonlyMap<string, SeenNode>;
  isThere(key: string): boolean;
  onChange(listener: () => void): void;
  close(): Promise<void>;
}

export async function watchTable(fabric: Fabric): Promise<Table> {
  const seen = new Map<string, SeenNode>();
  const listeners: (() => void)[] = [];
  let current: Homes = { term: 0, homes: {}, streamed: [] };
  let revision = 0;
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  const stops: Stop[] = [
    await (await fabric.bucket("table")).watch((entry) => {
      if (entry.key !== HOMES_KEY || entry.value === null) return;
      const told = parseHomes(entry.value);
      if (told === null) return;
      current = told;
      revision = entry.revision;
      tell();
    }),
    await (await fabric.bucket("nodes")).watch(({ key, value }) => {
      const told = value === null ? null : parseAnnouncement(value);
      const before = seen.get(key);
      if (told === null || told.protocol !== PROTOCOL) seen.delete(key);
      else seen.set(key, { key, told, seenMs: nowMs() });
      if (before?.told.incarnation !== told?.incarnation) tell();
    }),
  ];
  return {
    term: () => current.term,
    homesOf: (hash) => current.homes[hash] ?? [],
    revision: () => revision,
    homes: () => current.homes,
    streamed: () => current.streamed,
    nodes: () => seen,
    isThere: (key) => {
      const node = seen.get(key);
      // While nobody can tell, who was there is taken to be there still.
      return node !== undefined && (!fabric.isConnected() || nowMs() - node.seenMs < SILENT_MS);
    },
    onChange: (listener) => {
      listeners.push(listener);
    },
    close: async () => {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}

export function parseHomes(value: Uint8Array): Homes | null {
  try {
    const told = JSON.parse(new TextDecoder().decode(value)) as Homes;
    const isOne =
      Number.isInteger(told.term) &&
      Array.isArray(told.streamed) &&
      Object.values(told.homes).every((keys) => keys.every((key) => typeof key === "string"));
    return isOne ? told : null;
  } catch {
    return null;
  }
}
