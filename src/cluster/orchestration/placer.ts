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
import type { Directory } from "../router/index.ts";
import { fetchStreamed, refillNodes } from "./fetch-ahead.ts";
import { createFleet } from "./fleet.ts";
import { improve } from "./improve.ts";
import { holdLease } from "./lease.ts";
import { lookAtNodes } from "./look-at-nodes.ts";
import { mend, restoreHomes, STEP_SECONDS, whatIsMissing } from "./mend.ts";
import { createNodeCount } from "./node-count.ts";
import { note, noteProblem } from "./placer-notes.ts";
import type { Look, PlacerOptions, PlacerState } from "./placer-state.ts";
import { createPrefetcher } from "./prefetch.ts";
import { createShiftWatch } from "./regime-shift.ts";
import { watchServedModels } from "./served-models.ts";
import { recordTraffic } from "./traffic.ts";
import { wantedLoads } from "./wanted.ts";
import { openZoneBlobs } from "./zone-blobs.ts";

export type { PlacerOptions } from "./placer-state.ts";

export interface Placer {
  /** Of the lease; null while another process places. */
  term(): number | null;
  /** Milliseconds since every expert was last where it should be; null before the first time. */
  wholeForMs(): number | null;
  /** How many nodes the experts and their traffic want; null while that is not known. */
  wantedNodes(): number | null;
  /** How often something could not be placed or a node refused, since the start. */
  refusals(): number;
  close(): Promise<void>;
}

const LOOK_MS = 250;
const POLICY_SECONDS = 10;
const NODE_START_SECONDS = 30;
/** A node that announces a higher term is not believed: terms could run out. */
const MAX_ANNOUNCED_TERM = 2 ** 50;

export async function startPlacer(fabric: Fabric, options: PlacerOptions): Promise<Placer> {
  const { directory, audit, name, log = () => undefined } = options;
  const models = await watchServedModels(fabric, options.retireMs);
  const traffic = await recordTraffic(fabric);
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
    zoneBlobs: openZoneBlobs(fabric, options.graceMs),
    incarnations: new Map(),
    missingSinceMs: new Map(),
    problems: new Set(),
    prefetcher: createPrefetcher(),
    shifts: createShiftWatch(),
    nodeCount: createNodeCount(options.nodeStartSeconds ?? NODE_START_SECONDS),
    wantedNodes: null,
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
    wantedNodes: () => (lease.term() === null ? null : state.wantedNodes),
    refusals: () => state.nRefused,
    close: async () => {
      await looking.stop();
      await lease.close();
      await Promise.all([leaseLine, models.stop(), traffic.stop()]);
    },
  };
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
  const { fleet, lease, traffic, models, options } = state;
  const { directory } = options;
  await fleet.look(traffic.takeFailures());
  const isStep = nowMs() - state.lastStepMs >= 1000 * STEP_SECONDS;
  if (isStep) {
    traffic.step();
    state.lastStepMs = nowMs();
  }
  const term = lease.term();
  const abandoned = models.abandoned();
  if (term === null) return;
  await options.audit.ensure(term);
  for (const key of abandoned) await retire(state, term, key);
  if (isStep || state.wantedNodes === null) lookAtNodes(state);
  if (models.records.size === 0 && Object.keys(directory.homes()).length === 0) {
    return sweep(state, term);
  }
  if (areHomesLost(state)) return restoreHomes(state, term);
  const devices = fleet.devices();
  if (devices.length === 0 && models.records.size > 0) {
    return noteProblem(state, term, { problem: "no node is there to hold experts" });
  }
  const rates = traffic.steps.at(-1) ?? new Map<string, number>();
  const loads = wantedLoads([...models.records.values()], rates, devices);
  const seen = { term, devices, rates, loads };
  await state.zoneBlobs.share(directory.homes());
  await refillNodes(state, seen);
  const why = whatIsMissing(state, seen);
  if (why !== null) return mend(state, seen, why);
  state.wholeMs = nowMs();
  state.problems.clear();
  await sweep(state, term);
  await askPolicy(state, seen);
}

/** A model that no server serves any more: its experts lose their homes at the next look. */
async function retire(state: PlacerState, term: number, key: string): Promise<void> {
  const { models, options } = state;
  const { name } = models.records.get(key)!;
  const why = `no server has served ${name} for a while: it is retired`;
  await note(state, term, { what: "retire", why, models: [name] });
  await models.remove(key);
  options.log?.(why);
}

/** Erases the experts that are not served any more, in the fabric and on its nodes. */
async function sweep({ models, options, zoneBlobs }: PlacerState, term: number): Promise<void> {
  const { directory } = options;
  const wanted = { models: models.records.values(), homes: directory.homes() };
  const nodes = [...directory.nodes().keys()].filter((key) => directory.isThere(key));
  const nErased = await zoneBlobs.sweep(term, wanted, nodes);
  if (nErased > 0) options.log?.(`erased ${nErased} blobs of experts that are not served`);
}

/** Whether the store no longer has homes that this process knows. */
function areHomesLost({ options: { directory } }: PlacerState): boolean {
  return directory.revision() === 0 && Object.keys(directory.homes()).length > 0;
}

async function askPolicy(state: PlacerState, seen: Look): Promise<void> {
  const seconds = state.options.policySeconds ?? POLICY_SECONDS;
  if (nowMs() - state.lastPolicyMs < 1000 * seconds) return;
  state.lastPolicyMs = nowMs();
  const shift = state.shifts.look([...state.models.records.values()], seen.rates, STEP_SECONDS);
  if (shift !== null) {
    state.options.log?.(shift);
    await note(state, seen.term, { what: "re-partition", why: shift });
  }
  await fetchStreamed(state, seen, seconds);
  await improve(state, seen, seconds);
}
