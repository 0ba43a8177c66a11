/** What a placer writes down: lines of the audit log, and problems, each of them once. */
import { sha256 } from "../../shared/hash.ts";
import type { AuditEvent } from "../audit/index.ts";
import { zoneOfKey } from "../fabric/index.ts";
import type { HomesByExpert } from "./carry-out.ts";
import type { PlacerState } from "./placer-state.ts";

/** More different problems than this are counted and not logged. */
const MAX_PROBLEMS = 100;

/** Adds a line to the audit log that is no move. @throws WRITE_FAILED */
export async function note(
  state: PlacerState,
  term: number,
  { what, why, device = null, models }: Noted,
): Promise<void> {
  const where = device === null ? NOWHERE : whereIs(state, device);
  const about = models === undefined ? {} : { models };
  const change = { before: null, after: null, term };
  await state.options.audit.append({ what, why, ...where, ...about, ...change });
}

interface Noted {
  readonly what: string;
  readonly why: string;
  readonly device?: string | null;
  readonly models?: readonly string[];
}

const NOWHERE = { device: null, zone: null };

/** A device by its key, with what its node announces. */
function whereIs(
  { options }: PlacerState,
  device: string,
): Pick<AuditEvent, "device" | "zone" | "kind" | "place"> {
  const named = { device, zone: zoneOfKey(device) };
  const seen = options.directory.nodes().get(device)?.announcement;
  if (seen === undefined) return named;
  const kind = seen.hasGpu ? "gpu" : "cpu";
  return seen.place === "" ? { ...named, kind } : { ...named, kind, place: seen.place };
}

/** The models that have an expert, and the classes of their rows that may come to a zone. */
function whatIs(
  { models }: PlacerState,
  hash: string,
  zone: string,
): Pick<AuditEvent, "models" | "classes"> {
  const own = [...models.records.values()].filter(({ experts }) => {
    return experts.some((expert) => expert.hash === hash);
  });
  const classes = own.flatMap((model) => {
    const open = Object.entries(model.classes).filter(([, zones]) => {
      return zones === null || zones.includes(zone);
    });
    return open.map(([name]) => name);
  });
  return { models: own.map(({ name }) => name), classes: [...new Set(classes)] };
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
  state: PlacerState,
  term: number,
  { before, after, why }: Move,
): Promise<void> {
  const { audit } = state.options;
  const facts = { why, term };
  const about = (device: string, hash: string) => ({
    ...whereIs(state, device),
    ...whatIs(state, hash, zoneOfKey(device)),
    ...facts,
  });
  for (const hash of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is] = [before[hash] ?? [], after[hash] ?? []];
    for (const device of is.filter((key) => !was.includes(key))) {
      await audit.append({ what: "load", before: null, after: hash, ...about(device, hash) });
    }
    for (const device of was.filter((key) => !is.includes(key))) {
      await audit.append({ what: "drop", before: hash, after: null, ...about(device, hash) });
    }
  }
  const digests = { before: digestOf(before), after: digestOf(after) };
  await audit.append({ what: "table", device: null, zone: null, ...digests, ...facts });
}

function digestOf(homes: HomesByExpert): string {
  return sha256(JSON.stringify(homes));
}
