/** The experts that an agent holds in memory, and those that it streams in behind the answers. */
import { assembleExpert } from "../../bundle/index.ts";
import type { Expert } from "../../experts/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import type { Blobs } from "./blobs.ts";
import { type HeldEntry, type HeldModel, mostBytes } from "./model.ts";
import {
  createUsage,
  type Link,
  nextStep,
  type Part,
  type Prices,
  type Usage,
} from "./residency.ts";

export interface HeldExperts {
  /** undefined for one that is not here. */
  get(hash: string): Expert | undefined;
  /** Fetches it, whatever else goes. @throws ZONE_CLOSED if it may not be downloaded. */
  need(hash: string): Promise<Expert>;
  note(rows: ReadonlyMap<string, number>): void;
  /** Fetches what pays, one expert after another, until nothing does; at most once at a time. */
  stream(link: Link): void;
  /** Resolves when nothing is being fetched. */
  settled(): Promise<void>;
  /** Goes on with the experts of another version; those of equal hash stay. */
  switchTo(model: HeldModel): void;
  readonly bytes: number;
  readonly nExperts: number;
  /** The last failure of a fetch behind; null if it succeeded. */
  readonly lastFailure: string | null;
}

export interface ExpertsOptions {
  readonly blobs: Blobs;
  readonly memoryBytes: number;
  readonly prices: Prices;
}

export function createExperts(first: HeldModel, options: ExpertsOptions): HeldExperts {
  const { blobs, memoryBytes, prices } = options;
  const held = new Map<string, Part & { readonly expert: Expert }>();
  let model = first;
  let usage = usageOf(model);
  let streaming: Promise<void> | null = null;
  let lastFailure: string | null = null;

  const load = async (hash: string, entry: HeldEntry): Promise<Expert> => {
    const blob = await blobs.blob(hash, mostBytes(entry));
    const expert = assembleExpert(entry.entry, blob);
    if (model.experts.has(hash)) held.set(hash, { hash, bytes: entry.bytes, expert });
    return expert;
  };
  const candidates = (): readonly Part[] =>
    // Without a gate here, the server answers whole rows.
    (model.outline === null ? [] : [...model.experts])
      .filter(([hash, { mayShip }]) => mayShip && !held.has(hash))
      .map(([hash, { bytes }]) => ({ hash, bytes }));
  const run = async (link: Link): Promise<void> => {
    for (;;) {
      const parts = [...held.values()];
      const step = nextStep(candidates(), { parts, memoryBytes }, usage, { prices, link });
      if (step === null) return;
      try {
        await load(step.fetch.hash, model.experts.get(step.fetch.hash)!);
        for (const { hash } of step.drop) held.delete(hash);
        lastFailure = null;
      } catch (error) {
        if (!(error instanceof BailiwickError)) throw error;
        lastFailure = error.message;
        return;
      }
    }
  };
  return {
    get: (hash) => held.get(hash)?.expert,
    need: async (hash) => {
      const entry = model.experts.get(hash);
      if (entry?.mayShip !== true) {
        const message = "rows of class local need an expert that may not leave the server";
        throw new BailiwickError("ZONE_CLOSED", message, { expert: entry?.entry.id ?? hash });
      }
      return held.get(hash)?.expert ?? load(hash, entry);
    },
    note: (rows) => usage.add(rows),
    stream: (link) => {
      streaming ??= run(link).finally(() => {
        streaming = null;
      });
    },
    settled: async () => {
      await streaming;
    },
    switchTo: (next) => {
      model = next;
      usage = usageOf(next);
      for (const hash of held.keys()) if (!next.experts.has(hash)) held.delete(hash);
    },
    get bytes() {
      return [...held.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    },
    get nExperts() {
      return held.size;
    },
    get lastFailure() {
      return lastFailure;
    },
  };
}

function usageOf({ experts }: HeldModel): Usage {
  return createUsage(new Map([...experts].map(([hash, { entry }]) => [hash, entry.share])));
}
