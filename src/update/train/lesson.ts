/** Which rows an expert learns: new ones, and old ones of its regime. */
import type { Samples } from "../../experts/index.ts";
import { takeSamples } from "../../mixture/index.ts";
import type { Decision } from "../decide/index.ts";
import { coveredRows, type WatchedMember } from "../watch/index.ts";
import type { Lesson } from "./expert/index.ts";
import { joinKnown, joinSamples } from "./samples.ts";

/** Where the law is what it was, the latest rows of this share are held out from like new ones. */
const RECENT_SHARE = 0.3;

/** @param stored - The regime's rows of earlier days. */
export function lessonOf(
  watched: WatchedMember,
  decision: Decision,
  stored: Samples | null,
): Lesson {
  const { samples } = watched.rows;
  const { expert: k, rows, errorExpected, nEarlier } = decision;
  const earlier = rowsBefore(watched, k, rows);
  const known = joinKnown(stored, earlier.length === 0 ? null : takeSamples(samples, earlier));
  const fresh = takeSamples(samples, rows);
  const isLaw = errorExpected !== null;
  return takeRecent(fresh, known, isLaw ? nEarlier : recentCount(fresh, known));
}

/** Rows of this batch from before the change count as old ones. */
export function rowsBefore({ seen }: WatchedMember, k: number, rows: Int32Array): Int32Array {
  return coveredRows(seen, k).filter((i) => i < rows[0]!);
}

/** Old rows that count as new ones where the law has not changed. */
function recentCount(fresh: Samples, known: Samples | null): number {
  const nKnown = known?.y.length ?? 0;
  const wanted = Math.ceil(RECENT_SHARE * (nKnown + fresh.y.length));
  return Math.min(nKnown, Math.max(0, wanted - fresh.y.length));
}

/** The last `nRecent` known rows go with the new ones. */
function takeRecent(fresh: Samples, known: Samples | null, nRecent: number): Lesson {
  if (known === null || nRecent === 0) return { fresh, old: known };
  const places = Int32Array.from(known.y.keys());
  const at = places.length - nRecent;
  const old = at === 0 ? null : takeSamples(known, places.subarray(0, at));
  return { fresh: joinSamples(takeSamples(known, places.subarray(at)), fresh), old };
}
