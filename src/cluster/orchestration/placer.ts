/**
 * The placer: makes sure that every served expert has its homes, and moves experts when that pays.
 *
 * What is missing is mended at once. What could only be better is left to a policy, which is asked
 * now and then; its plan is tried on the recorded traffic before anything moves. Only the holder of
 * the lease acts, and every command carries its term. Every change is a line of the audit log.
 */
import { nowMs } from "../../shared/clock.ts";
import { every } from "../../shared/every.ts";
import type { Fabric } from "../fabric/index.ts";
import { type Directory, type ModelRecord, parseModel } from "../router/index.ts";
import { fetchStreamed, refillNodes } from "./fetch-ahead.ts";
import { createFleet } from "./fleet.ts";
import { improve } from "./improve.ts";
import { holdLease } from "./lease.ts";
import { mend, restoreHomes, STEP_SECONDS, whatIsMissing } from "./mend.ts";
import { note, noteProblem } from "./placer-notes.ts";
import type { Look, PlacerOptions, PlacerState } from "./placer-state.ts";
import { createPrefetcher } from "./prefetch.ts";
import { createShiftWatch } from "./regime-shift.ts";
import { recordTraffic } from "./traffic.ts";
import { wantedLoads } from "./wanted.ts";

export type { PlacerOptions } from "./placer-state.ts";

export interface Placer {
  /** Of the lease; null while another process places. */
  term(): number | null;
  /** Milliseconds since every expert was last where it should be; null before the first time. */
  wholeForMs(): number | null;
  /** How often something could not be placed or a node refused, since the start. */
  refusals(): number;
  close(): Promise<void>;
}

const LOOK_MS = 250;
const POLICY_SECONDS = 10;
/** A node that announces a higher term is not believed: terms could run out. */
const MAX_ANNOUNCED_TERM = 2 ** 50;

export async function startPlacer(fabric: Fabric, options: PlacerOptions): Promise<Placer> {
  const { directory, audit, name, log = () => undefined } = options;
  const models = new Map<string, ModelRecord>();
  const traffic = await recordTraffic(fabric);
  const stopModels = await watchModels(fabric, models);
  let leaseLine: Promise<void> = Promise.resolve();
  const lease = await holdLease(fabric, {
    holder: name,
    seenTerm: () => highestTerm(directory),
    onChange: (term) => {
      log(term === null ? "lost the lease of the placer" : `places, term ${term}`);
      if (term === null) return;
      const line = { device: null, zone: null, before: null, after: null, term };
      leaseLine = audit
        .append({ what: "lease", why: `${name} took the lease`, ...line })
        .catch(() => log("the audit log could not be written"));
    },
  });
  const state: PlacerState = {
    fabric,
    options,
    fleet: createFleet(fabric, directory),
    lease,
    traffic,
    models,
    incarnations: new Map(),
    missingSinceMs: new Map(),
    problems: new Set(),
    prefetcher: createPrefetcher(),
    shifts: createShiftWatch(),
    policy: null,
    lastPolicyMs: nowMs(),
    lastStepMs: nowMs(),
    wholeMs: null,
    nRefused: 0,
  };
  const onError = createErrorLog(log);
  const looking = every(
    LOOK_MS,
    async () => {
      if (fabric.isConnected()) await look(state);
    },
    onError,
  );
  return {
    term: lease.term,
    wholeForMs: () => (state.wholeMs === null ? null : nowMs() - state.wholeMs),
    refusals: () => state.nRefused,
    close: async () => {
      await looking.stop();
      await lease.close();
      await Promise.all([leaseLine, stopModels(), traffic.stop()]);
    },
  };
}

async function watchModels(
  fabric: Fabric,
  models: Map<string, ModelRecord>,
): Promise<() => Promise<void>> {
  const bucket = await fabric.bucket("models");
  return bucket.watch(({ key, value }) => {
    const record = value === null ? null : fabric.refusals.accept(() => parseModel(value));
    if (record === null) models.delete(key);
    else models.set(key, record);
  });
}

/** The highest term that the homes or a node know of. */
function highestTerm(directory: Directory): number {
  const announced = [...directory.nodes().values()]
    .map(({ announcement }) => announcement.term)
    .filter((term) => term <= MAX_ANNOUNCED_TERM);
  return Math.max(directory.term(), ...announced);
}

/** Logs an error once, until another one comes. */
function createErrorLog(log: (line: string) => void): (error: unknown) => void {
  let last = "";
  return (error) => {
    const line = `placing failed: ${error instanceof Error ? error.message : String(error)}`;
    if (line !== last) log(line);
    last = line;
  };
}

async function look(state: PlacerState): Promise<void> {
  const { fleet, lease, traffic, models } = state;
  await fleet.look(traffic.takeFailures());
  if (nowMs() - state.lastStepMs >= 1000 * STEP_SECONDS) {
    traffic.step();
    state.lastStepMs = nowMs();
  }
  const term = lease.term();
  if (term === null || models.size === 0) return;
  if (areHomesLost(state)) return restoreHomes(state, term);
  const devices = fleet.devices();
  if (devices.length === 0) {
    return noteProblem(state, term, { problem: "no node is there to hold experts" });
  }
  const rates = traffic.steps.at(-1) ?? new Map<string, number>();
  const seen = { term, devices, rates, loads: wantedLoads([...models.values()], rates, devices) };
  await refillNodes(state, seen);
  const why = whatIsMissing(state, seen);
  if (why !== null) return mend(state, seen, why);
  state.wholeMs = nowMs();
  state.problems.clear();
  await askPolicy(state, seen);
}

/** Whether the store no longer has homes that this process knows. */
function areHomesLost({ options: { directory } }: PlacerState): boolean {
  return directory.revision() === 0 && Object.keys(directory.homes()).length > 0;
}

async function askPolicy(state: PlacerState, seen: Look): Promise<void> {
  const seconds = state.options.policySeconds ?? POLICY_SECONDS;
  if (nowMs() - state.lastPolicyMs < 1000 * seconds) return;
  state.lastPolicyMs = nowMs();
  const shift = state.shifts.look([...state.models.values()], seen.rates, STEP_SECONDS);
  if (shift !== null) {
    state.options.log?.(shift);
    await note(state, seen.term, { what: "re-partition", why: shift });
  }
  await fetchStreamed(state, seen, seconds);
  await improve(state, seen, seconds);
}
