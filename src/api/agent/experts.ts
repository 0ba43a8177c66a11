/** The experts that an agent holds in memory, and those that it streams in behind the answers. */
import { assembleExpert } from "../../bundle/index.ts";
import { createResidency, type Part, type Prices } from "../../cluster/residency/index.ts";
import type { Expert } from "../../experts/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import type { Blobs, UseOf } from "./blobs.ts";
import { type HeldEntry, type HeldModel, mostBytes } from "./model.ts";

export interface HeldExperts {
  /** undefined for one that is not here. */
  get(hash: string): Expert | undefined;
  /**
   * Fetches it, whatever else goes.
   *
   * @throws ZONE_CLOSED if it may not be downloaded; BUNDLE_CORRUPT if the version that is held now
   *   does not have it.
   */
  need(hash: string): Promise<Expert>;
  /** Takes note of a request: its rows by expert. */
  answered(rows: ReadonlyMap<string, number>): void;
  /** Takes note of how long an answer from elsewhere took. */
  waited(ms: number): void;
  /** Fetches what pays, one expert after another, until nothing does; at most once at a time. */
  stream(): void;
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
  readonly prices: Partial<Prices> | undefined;
}

interface HeldPart extends Part {
  readonly expert: Expert;
}

export function createExperts(first: HeldModel, options: ExpertsOptions): HeldExperts {
  const { blobs, memoryBytes, prices } = options;
  let model = first;
  const residency = createResidency<HeldPart>(first, { mostBytes: memoryBytes, prices });
  const { held } = residency;
  const useOf: UseOf = (name) =>
    model.gates.has(name) ? Number.POSITIVE_INFINITY : residency.useOf(name);
  const fetchExpert = async (entry: HeldEntry): Promise<Expert> => {
    const blob = await blobs.blob(entry.hash, mostBytes(entry), useOf);
    const expert = assembleExpert(entry.entry, blob);
    // Not that of a version that was replaced meanwhile.
    if (model.experts.has(entry.hash)) residency.hold({ ...entry, expert });
    return expert;
  };
  const load = onceAtATime(fetchExpert);
  const behind = createStream({
    next: residency.next,
    load: (hash) => load(model.experts.get(hash)!),
    isHeld: (hash) => held.has(hash),
    isWanted: (hash) => model.experts.has(hash),
  });
  return {
    get: (hash) => held.get(hash)?.expert,
    need: async (hash) => {
      const entry = model.experts.get(hash);
      if (entry === undefined) throw new BailiwickError("BUNDLE_CORRUPT", "a version was replaced");
      if (!entry.mayFetch) {
        const message = "rows of class local need an expert that may not leave the server";
        throw new BailiwickError("ZONE_CLOSED", message, { expert: entry.entry.id });
      }
      return held.get(hash)?.expert ?? load(entry);
    },
    answered: residency.answered,
    waited: residency.waited,
    stream: behind.stream,
    settled: behind.settled,
    switchTo: (next) => {
      model = next;
      residency.switchTo(next);
    },
    get bytes() {
      return [...held.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    },
    get nExperts() {
      return held.size;
    },
    get lastFailure() {
      return behind.lastFailure;
    },
  };
}

interface StreamOptions {
  /** What to fetch next; null if nothing pays. */
  next(): string | null;
  load(hash: string): Promise<unknown>;
  isHeld(hash: string): boolean;
  /** False for an expert of a version that was replaced. */
  isWanted(hash: string): boolean;
}

function createStream({
  next,
  load,
  isHeld,
  isWanted,
}: StreamOptions): Pick<HeldExperts, "stream" | "settled" | "lastFailure"> {
  let streaming: Promise<void> | null = null;
  let lastFailure: string | null = null;
  /** Whether there may be a next one. */
  const fetchBehind = async (hash: string): Promise<boolean> => {
    try {
      await load(hash);
      lastFailure = null;
      // Where it is not held, what is used has changed meanwhile.
      return isHeld(hash) || !isWanted(hash);
    } catch (error) {
      if (!(error instanceof BailiwickError)) throw error;
      // Of a version that was replaced meanwhile, a blob may be gone.
      if (!isWanted(hash)) return true;
      lastFailure = error.message;
      return false;
    }
  };
  const run = async (): Promise<void> => {
    for (;;) {
      const hash = next();
      if (hash === null || !(await fetchBehind(hash))) return;
    }
  };
  return {
    stream: () => {
      streaming ??= run().finally(() => {
        streaming = null;
      });
    },
    settled: async () => {
      await streaming;
    },
    get lastFailure() {
      return lastFailure;
    },
  };
}

type Load = (entry: HeldEntry) => Promise<Expert>;

/** A second caller for an expert that is being loaded waits for the first. */
function onceAtATime(load: Load): Load {
  const loading = new Map<string, Promise<Expert>>();
  return (entry) => {
    const started = loading.get(entry.hash);
    if (started !== undefined) return started;
    const loaded = load(entry).finally(() => loading.delete(entry.hash));
    loading.set(entry.hash, loaded);
    return loaded;
  };
}
