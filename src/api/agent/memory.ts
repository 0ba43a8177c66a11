/** The experts in an agent's memory, within its limit. */
import type { Expert } from "../../experts/index.ts";
import type { UseOf } from "./blobs.ts";
import type { HeldEntry } from "./model.ts";
import { type Part, type Residents, roomFor } from "./residency.ts";

export interface HeldPart extends Part {
  readonly expert: Expert;
}

export interface Memory {
  readonly held: Map<string, HeldPart>;
  residents(): Residents;
  /** Holds a part, if what has to go for it is less useful. */
  hold(part: HeldPart): void;
}

export function createMemory(mostBytes: number, useOf: UseOf): Memory {
  const held = new Map<string, HeldPart>();
  const residents = (): Residents => ({ parts: [...held.values()], mostBytes });
  return {
    held,
    residents,
    hold: (part) => {
      const drop = roomFor(part, residents(), useOf);
      if (drop === null) return;
      for (const { hash } of drop) held.delete(hash);
      held.set(part.hash, part);
    },
  };
}

export type Load = (hash: string, entry: HeldEntry) => Promise<Expert>;

/** A second caller for an expert that is being loaded waits for the first. */
export function onceAtATime(load: Load): Load {
  const loading = new Map<string, Promise<Expert>>();
  return (hash, entry) => {
    const started = loading.get(hash);
    if (started !== undefined) return started;
    const loaded = load(hash, entry).finally(() => loading.delete(hash));
    loading.set(hash, loaded);
    return loaded;
  };
}
