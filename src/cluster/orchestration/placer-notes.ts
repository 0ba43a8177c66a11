/** What a placer writes down: lines of the audit log, and problems, each of them once. */
import { sha256 } from "../../shared/hash.ts";
import { zoneOfKey } from "../fabric/index.ts";
import type { HomesByExpert } from "./carry-out.ts";
import type { PlacerState } from "./placer-state.ts";

/** More different problems than this are counted and not logged. */
const MAX_PROBLEMS = 100;

/** Adds a line to the audit log that is no move. @throws WRITE_FAILED */
export async function note(
  { options: { audit } }: PlacerState,
  term: number,
  { what, why, device = null }: { what: string; why: string; device?: string | null },
): Promise<void> {
  const zone = device === null ? null : zoneOfKey(device);
  await audit.append({ what, why, device, zone, before: null, after: null, term });
}

/**
 * Counts a problem. It is logged once, and again only after everything has been in place: problems
 * come up four times a second until they are solved.
 */
export async function noteProblem(
  state: PlacerState,
  term: number,
  { problem, device = null }: { problem: string; device?: string | null },
): Promise<void> {
  state.nRefused += 1;
  if (state.problems.has(problem) || state.problems.size >= MAX_PROBLEMS) return;
  state.problems.add(problem);
  state.options.log?.(problem);
  await note(state, term, { what: "refused", why: problem, device });
}

export interface Move {
  readonly before: HomesByExpert;
  readonly after: HomesByExpert;
  readonly why: string;
}

/** One line per expert and node, then one for the homes as a whole. @throws WRITE_FAILED */
export async function noteMove(
  { options: { audit } }: PlacerState,
  term: number,
  { before, after, why }: Move,
): Promise<void> {
  const facts = { why, term };
  for (const hash of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is] = [before[hash] ?? [], after[hash] ?? []];
    for (const device of is.filter((key) => !was.includes(key))) {
      const zone = zoneOfKey(device);
      await audit.append({ what: "load", device, zone, before: null, after: hash, ...facts });
    }
    for (const device of was.filter((key) => !is.includes(key))) {
      const zone = zoneOfKey(device);
      await audit.append({ what: "drop", device, zone, before: hash, after: null, ...facts });
    }
  }
  const digests = { before: digestOf(before), after: digestOf(after) };
  await audit.append({ what: "table", device: null, zone: null, ...digests, ...facts });
}

function digestOf(homes: HomesByExpert): string {
  return sha256(JSON.stringify(homes));
}
