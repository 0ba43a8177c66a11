/**
 * The experts that a node holds, within its memory.
 *
 * One that is asked for and not there is fetched, once, however many ask; what was not used for
 * the longest time makes room. Bytes are those of the arrays as they lie in memory.
 */
import type { Expert } from "../../experts/index.ts";
import { BailiwickError } from "../../shared/errors.ts";

export interface ExpertCache {
  /** The expert of this hash; fetched if it is not there. @throws as `fetch`, MEMORY_EXCEEDED */
  get(hash: string): Promise<Expert>;
  /** As `get`, if it is there. */
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
    const found = held.get(hash);
    if (found === undefined) return undefined;
    held.delete(hash);
    held.set(hash, found);
    return found;
  };
  const load = async (hash: string): Promise<Expert> => {
    const expert = await fetch(hash);
    const bytes = bytesInMemory(expert);
    if (bytes > memoryBytes) {
      const message = `an expert must fit the node's ${memoryBytes} bytes, ${hash.slice(0, 12)} takes ${bytes}`;
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
      const found = touch(hash);
      if (found !== undefined) return Promise.resolve(found.expert);
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

/** Of all arrays of numbers in it, whatever its family. */
export function bytesInMemory(value: unknown): number {
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce((sum: number, part) => sum + bytesInMemory(part), 0);
}
