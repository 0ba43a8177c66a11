/**
 * What is missing is mended at once: an expert without a home, fewer homes than there should be.
 */
import { nowMs } from "../../shared/clock.ts";
import { DEFAULT_BATCH_ROWS, DEFAULT_WEIGHTS, type Plan } from "../placement/index.ts";
import { writeHomes } from "./carry-out.ts";
import { changeHomes } from "./change-homes.ts";
import { note, noteProblem } from "./placer-notes.ts";
import type { Look, PlacerState } from "./placer-state.ts";
import { type Rehearsal, rehearse } from "./rehearse.ts";
import { findHomes, planOf } from "./wanted.ts";

/** While another home answers, a home that is gone is waited for this long. */
const PATIENCE_MS = 4000;
/** A step of the recorded traffic. */
export const STEP_SECONDS = 10;
const DEADLINE_MS = 2000;

/** Why something must be done now; null if nothing must. */
export function whatIsMissing(state: PlacerState, { loads, devices }: Look): string | null {
  const homes = state.options.directory.homes();
  const plan = planOf(loads, devices, homes);
  const missing = new Set<string>();
  let reason: string | null = null;
  const nodes = state.options.directory.nodes();
  const isLeft = (hash: string): boolean =>
    (homes[hash] ?? []).some((key) => nodes.get(key)?.announcement.leaving === true);
  loads.forEach(({ id, hash, replicas }, e) => {
    const nHomes = plan[e]!.length;
    if (nHomes >= replicas) return;
    missing.add(id);
    const sinceMs = state.missingSinceMs.get(id) ?? nowMs();
    state.missingSinceMs.set(id, sinceMs);
    const isWaitedFor = nHomes > 0 && nowMs() - sinceMs < PATIENCE_MS && !isLeft(hash);
    if (!isWaitedFor) reason ??= `${id.slice(0, 12)} has ${nHomes} of ${replicas} homes`;
  });
  for (const id of [...state.missingSinceMs.keys()]) {
    if (!missing.has(id)) state.missingSinceMs.delete(id);
  }
  const served = new Set(loads.map(({ hash }) => hash));
  const stale = Object.keys(homes).find((hash) => !served.has(hash));
  if (stale !== undefined) reason ??= `${stale.slice(0, 12)} is no longer served`;
  return reason;
}

export async function mend(state: PlacerState, look: Look, why: string): Promise<void> {
  const { loads, devices, term } = look;
  const found = findHomes(loads, devices, state.options.directory.homes(), {
    weights: DEFAULT_WEIGHTS,
    batchRows: DEFAULT_BATCH_ROWS,
    seed: 1,
  });
  if (typeof found === "string") {
    return noteProblem(state, term, { problem: `${found}; the last plan stays` });
  }
  const rehearsal = tryOut(state, look, found.plan);
  const figures = rehearsal === null ? "" : `; rehearsed: ${rehearsal.meanMs.toFixed(3)} ms`;
  const { homes, streamed } = found;
  await changeHomes(state, term, { after: homes, streamed, why: `${why}${figures}` });
}

/** The fabric has lost the homes: the ones that hold here are written again. */
export async function restoreHomes(state: PlacerState, term: number): Promise<void> {
  const { fabric, lease, options } = state;
  const { directory } = options;
  const [homes, streamed] = [directory.homes(), directory.streamed()];
  const why = "the homes of experts were lost: written again";
  await note(state, term, { what: "restore", why });
  // Where the store was lost twice, the term may have risen since this look began.
  const written = await writeHomes(fabric, { term: lease.term() ?? term, homes, streamed }, 0);
  if (written !== null) options.log?.(why);
}

/** How the recorded traffic would have been answered; null if none was recorded. */
export function tryOut(
  { options, traffic }: PlacerState,
  { loads, devices }: Look,
  plan: Plan,
): Rehearsal | null {
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  const isUp = devices.map(() => true);
  const stage = { devices, isUp, experts: loads, batchRows: DEFAULT_BATCH_ROWS, deadlineMs };
  const steps = traffic.steps.map((rates) => {
    return Float64Array.from(loads, ({ hash }) => rates.get(hash) ?? 0);
  });
  return rehearse(stage, { steps, stepSeconds: STEP_SECONDS }, plan);
}
