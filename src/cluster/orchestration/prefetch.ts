/**
 * What nodes should fetch ahead: of the experts for which no memory is reserved, those that the
 * forecast says will be asked for, as far as there is room.
 */
import { createForecaster, type Forecaster } from "../forecast/index.ts";
import type { HomesByExpert } from "./carry-out.ts";

export interface StreamedExpert {
  readonly hash: string;
  readonly bytes: number;
}

export interface PrefetchView {
  readonly streamed: readonly StreamedExpert[];
  /** Rows per second of each expert since the last call, by hash. */
  readonly rates: ReadonlyMap<string, number>;
  /** Hours since some start: now, and at the next call. */
  readonly hours: { readonly now: number; readonly until: number };
  readonly homes: HomesByExpert;
  /** Of each node. */
  readonly freeBytes: ReadonlyMap<string, number>;
}

export interface Prefetcher {
  /** @returns Hashes by node, the most wanted first. */
  next(view: PrefetchView): ReadonlyMap<string, readonly string[]>;
}

export function createPrefetcher(): Prefetcher {
  let lastKey = "";
  let forecaster: Forecaster = createForecaster(0);
  return {
    next: ({ streamed, rates, hours: { now, until }, homes, freeBytes }) => {
      const key = streamed.map(({ hash }) => hash).join(" ");
      if (key !== lastKey) forecaster = createForecaster(streamed.length);
      lastKey = key;
      const seen = Float64Array.from(streamed, ({ hash }) => rates.get(hash) ?? 0);
      forecaster.observe(now, seen);
      const expected = forecaster.expect(until);
      const wanted = [...streamed.keys()]
        .filter((e) => expected[e]! > 0)
        .sort((a, b) => expected[b]! - expected[a]!);
      const left = new Map(freeBytes);
      const fetches = new Map<string, string[]>();
      for (const e of wanted) {
        const { hash, bytes } = streamed[e]!;
        for (const node of homes[hash] ?? []) {
          const room = left.get(node) ?? 0;
          if (room < bytes) continue;
          left.set(node, room - bytes);
          fetches.set(node, [...(fetches.get(node) ?? []), hash]);
        }
      }
      return fetches;
    },
  };
}
