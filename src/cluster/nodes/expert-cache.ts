/**
 * The experts that a node holds, within its memory.
 *
 * An expert that is asked for and not held is fetched once, however many requests wait for it; the
 * experts unused for the longest time make room. Bytes are those of the arrays in memory.
 */
import type { Expert } from "../../experts/index.ts";
import { BailiwickError } from "../../shared/errors.ts";

export interface ExpertCache {
  /** The expert of this hash, fetched if it is not held. @throws as `fetch`, MEMORY_EXCEEDED */
  get(hash: string): Promise<Expert>;
  /** The expert of this hash if it is held. */
  peek(hash: string): Expert | undefined;
  drop(hash: string): void;
  /** Hashes, the longest unused first. */
  held(): readonly string[];
  usedBytes(): number;
  bytesOf(hash: string): number;
}

interface Held {
  readonly expert: Expert;
  readonly bytes: number;
}

export function createExpertCache(
  memoryBytes: number,
  fetch: (hash: string) => Promise<Expert>,
): ExpertCache {
  const held = new Map<string, Held>();
  const flights = new Map<string, Promise<Expert>>();
  let used = 0;

  const drop = (hash: string): void => {
    used -= held.get(hash)?.bytes ?? 0;
    held.delete(hash);
  };
  const touch = (hash: string): Held | undefined => {
    const entry = held.get(hash);
    if (entry === undefined) return undefined;
    held.delete(hash);
    held.set(hash, entry);
    return entry;
  };
  const load = async (hash: string): Promise<Expert> => {
    const expert = await fetch(hash);
    const bytes = bytesInMemory(expert);
    if (bytes > memoryBytes) {
      const room = `the node's ${memoryBytes} bytes`;
      const message = `an expert must fit ${room}, ${hash.slice(0, 12)} takes ${bytes}`;
      throw new BailiwickError("MEMORY_EXCEEDED", message, { hash, bytes, memoryBytes });
    }
    for (const oldest of held.keys()) {
      if (used + bytes <= memoryBytes) break;
      drop(oldest);
    }
    held.set(hash, { expert, bytes });
    used += bytes;
    return expert;
  };
  return {
    get: (hash) => {
      const entry = touch(hash);
      if (entry !== undefined) return Promise.resolve(entry.expert);
      const flight = flights.get(hash) ?? load(hash).finally(() => flights.delete(hash));
      flights.set(hash, flight);
      return flight;
    },
    peek: (hash) => touch(hash)?.expert,
    drop,
    held: () => [...held.keys()],
    usedBytes: () => used,
    bytesOf: (hash) => held.get(hash)?.bytes ?? 0,
  };
}

/** Bytes of all arrays of numbers in an expert, whatever its family. */
export function bytesInMemory(value: unknown): number {
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce((sum: number, part) => sum + bytesInMemory(part), 0);
}
