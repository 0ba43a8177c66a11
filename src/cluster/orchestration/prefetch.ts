/**
 * What a node should fetch before it is asked for it: of the experts that no memory is kept for,
 * those that the forecast says will be asked for, as far as there is room.
 */
import type { HomesByExpert } from "./carry-out.ts";
import { createForecaster, type Forecaster } from "./forecast.ts";

export interface StreamedExpert {
  readonly hash: string;
  readonly bytes: number;
}

export interface Prefetcher {
  /**
   * @param rates - Rows a second of each expert since it was last called.
   * @param hours - Since some start, and until the next call.
   * @param freeBytes - Of each node.
   * @returns Hashes by node, the most wanted first.
   */
  next(
    streamed: readonly StreamedExpert[],
    rates: ReadonlyMap<string, number>,
    hours: { readonly now: number; readonly until: number },
    homes: HomesByExpert,
    freeBytes: ReadonlyMap<string, number>,
  ): ReadonlyMap<string, readonly string[]>;
}

export function createPrefetcher(): Prefetcher {
  let known = "";
  let forecaster: Forecaster = createForecaster(0);
  return {
    next: (streamed, rates, { now, until }, homes, freeBytes) => {
      const key = streamed.map(({ hash }) => hash).join(" ");
      if (key !== known) forecaster = createForecaster(streamed.length);
      known = key;
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
