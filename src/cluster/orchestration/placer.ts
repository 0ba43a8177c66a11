/**
 * The placer: sees to it that every served expert has its homes, and moves them when that pays.
 *
 * What is missing is mended at once; what could only be better is left to a policy, which is asked
 * now and then, and is tried on the recorded traffic before anything moves. Only the holder of the
 * lease acts, and every order carries its term. Every change is a line of the audit log.
 */

import { nowMs } from "../../shared/clock.ts";
import { sha256 } from "../../shared/hash.ts";
import type { AuditLog } from "../audit/index.ts";
import type { Fabric, Stop } from "../fabric/index.ts";
import { DEFAULT_BATCH_ROWS, DEFAULT_WEIGHTS, type Device, type Plan } from "../placement/index.ts";
import { type Homes, type ModelRecord, parseModel, type Table } from "../router/index.ts";
import type { Policy } from "../simulation/index.ts";
import {
  dropAll,
  type HomesByExpert,
  loadAll,
  type Refused,
  switchTable,
  tell,
} from "./carry-out.ts";
import { createFleet, type Fleet } from "./fleet.ts";
import { holdLease, type Lease } from "./lease.ts";
import { createPrefetcher, type Prefetcher } from "./prefetch.ts";
import { createShiftWatch, type ShiftWatch } from "./regime-shift.ts";
import { type Rehearsal, rehearse } from "./rehearse.ts";
import { recordTraffic, type TrafficLog } from "./traffic.ts";
import { findHomes, homesOf, planOf, type WantedLoad, wantedLoads } from "./wanted.ts";

export interface PlacerOptions {
  readonly name: string;
  readonly table: Table;
  readonly audit: AuditLog;
  /** Made anew whenever the experts or devices have changed. */
  readonly policy: () => Policy;
  /** How often the policy is asked. */
  readonly policySeconds?: number;
  readonly deadlineMs?: number;
  readonly log?: (line: string) => void;
}

export interface Placer {
  /** Of the lease; null while another places. */
  term(): number | null;
  /** Milliseconds since every expert was last where it should be; null before the first time. */
  wholeForMs(): number | null;
  close(): Promise<void>;
}

const TICK_MS = 250;
const POLICY_SECONDS = 10;
const DEADLINE_MS = 2000;
/** A home that is gone is waited for so long while another home answers. */
const PATIENCE_MS = 4000;
/** A step of the recording. */
const STEP_SECONDS = 10;
/** What a rehearsal must gain. */
const GAIN = 0.02;
const HOUR_MS = 3_600_000;
const DROP_AFTER_MS = 3000;
const PREFETCH_MS = 1000;

export async function startPlacer(fabric: Fabric, options: PlacerOptions): Promise<Placer> {
  const { table, audit, log = () => undefined } = options;
  const models = new Map<string, ModelRecord>();
  const traffic = await recordTraffic(fabric);
  const fleet = createFleet(fabric, table);
  const stopModels: Stop = await (await fabric.bucket("models")).watch(({ key, value }) => {
    const told = value === null ? null : parseModel(value);
    if (told === null) models.delete(key);
    else models.set(key, told);
  });
  const lease = await holdLease(fabric, options.name, (term) => {
    log(term === null ? "lost the lease of the placer" : `places, term ${term}`);
    if (term === null) return;
    const why = `${options.name} took the lease`;
    void audit
      .append({ what: "lease", why, device: null, zone: null, before: null, after: null, term })
      .catch(() => undefined);
  });
  const state: State = {
    fabric,
    options,
    fleet,
    lease,
    traffic,
    models,
    incarnations: new Map(),
    missingSinceMs: new Map(),
    lastPolicyMs: nowMs(),
    lastStepMs: nowMs(),
    policy: null,
    prefetcher: createPrefetcher(),
    shifts: createShiftWatch(),
    wholeMs: null,
    lastProblem: "",
  };
  let ticking = Promise.resolve();
  let isTicking = false;
  const timer = setInterval(() => {
    if (isTicking || !fabric.isConnected()) return;
    isTicking = true;
    ticking = tick(state)
      .catch((error: unknown) => {
        log(`placing failed: ${error instanceof Error ? error.message : String(error)}`);
      })
      .finally(() => {
        isTicking = false;
      });
  }, TICK_MS);
  return {
    term: lease.term,
    wholeForMs: () => (state.wholeMs === null ? null : nowMs() - state.wholeMs),
    close: async () => {
      clearInterval(timer);
      await lease.close();
      await Promise.all([ticking, stopModels(), traffic.stop()]);
    },
  };
}

interface State {
  readonly fabric: Fabric;
  readonly options: PlacerOptions;
  readonly fleet: Fleet;
  readonly lease: Lease;
  readonly traffic: TrafficLog;
  readonly models: Map<string, ModelRecord>;
  /** Of each node when it was last told what to hold. */
  readonly incarnations: Map<string, string>;
  /** Since when an expert has fewer homes than it should. */
  readonly missingSinceMs: Map<string, number>;
  lastPolicyMs: number;
  lastStepMs: number;
  policy: { readonly policy: Policy; readonly key: string } | null;
  readonly prefetcher: Prefetcher;
  readonly shifts: ShiftWatch;
  wholeMs: number | null;
  /** Said once, not four times a second. */
  lastProblem: string;
}

async function tick(state: State): Promise<void> {
  const { fleet, lease, traffic } = state;
  await fleet.look(traffic.takeFailures());
  if (nowMs() - state.lastStepMs >= 1000 * STEP_SECONDS) {
    traffic.step();
    state.lastStepMs = nowMs();
  }
  const term = lease.term();
  if (term === null || state.models.size === 0) return;
  const devices = fleet.devices();
  if (devices.length === 0) {
    return refuse(state, term, "no node is there to hold experts", null);
  }
  await remind(state, term, devices);
  const rates = state.traffic.steps.at(-1) ?? new Map<string, number>();
  const loads = wantedLoads([...state.models.values()], rates, devices);
  const why = whatIsMissing(state, loads, devices);
  if (why !== null) return mend(state, term, loads, devices, why);
  state.wholeMs = nowMs();
  const seconds = state.options.policySeconds ?? POLICY_SECONDS;
  if (nowMs() - state.lastPolicyMs < 1000 * seconds) return;
  state.lastPolicyMs = nowMs();
  const shift = state.shifts.look([...state.models.values()], rates, STEP_SECONDS);
  if (shift !== null) {
    state.options.log?.(shift);
    await note(state, term, "re-partition", shift, null);
  }
  await prefetch(state, term, loads, rates, seconds);
  await improve(state, term, loads, devices, seconds);
}

/** A node that has started again holds nothing: it loads its experts before it is asked for them. */
async function remind(state: State, term: number, devices: readonly Device[]): Promise<void> {
  const { fabric, fleet, options, incarnations } = state;
  for (const { name } of devices) {
    const incarnation = fleet.incarnationOf(name)!;
    if (incarnations.get(name) === incarnation) continue;
    incarnations.set(name, incarnation);
    const homes = Object.entries(options.table.homes());
    const experts = homes.filter(([, keys]) => keys.includes(name)).map(([hash]) => hash);
    if (experts.length === 0) continue;
    await tell(fabric, name, { term, action: "prefetch", experts }, 1000).catch(() => null);
  }
}

/** Cold experts that are about to be asked for are fetched before they are. */
async function prefetch(
  { fabric, options: { table }, prefetcher }: State,
  term: number,
  loads: readonly WantedLoad[],
  rates: ReadonlyMap<string, number>,
  seconds: number,
): Promise<void> {
  const streamed = loads.filter(({ hash }) => table.streamed().includes(hash));
  if (streamed.length === 0) return;
  const now = nowMs() / HOUR_MS;
  const hours = { now, until: now + seconds / 3600 };
  const free = [...table.nodes()].map(([key, { told }]) => {
    return [key, told.memoryBytes - told.usedBytes] as const;
  });
  const wanted = prefetcher.next(streamed, rates, hours, table.homes(), new Map(free));
  await Promise.all(
    [...wanted].map(([key, experts]) =>
      tell(fabric, key, { term, action: "prefetch", experts }, PREFETCH_MS).catch(() => null),
    ),
  );
}

/** Why something must be done now; null if nothing must. */
function whatIsMissing(
  state: State,
  loads: readonly WantedLoad[],
  devices: readonly Device[],
): string | null {
  const plan = planOf(loads, devices, state.options.table.homes());
  const missing = new Set<string>();
  let reason: string | null = null;
  loads.forEach(({ id, replicas }, e) => {
    const nHomes = plan[e]!.length;
    if (nHomes >= replicas) return;
    missing.add(id);
    const since = state.missingSinceMs.get(id) ?? nowMs();
    state.missingSinceMs.set(id, since);
    const waits = nHomes > 0 && nowMs() - since < PATIENCE_MS;
    if (!waits) reason ??= `${id.slice(0, 12)} has ${nHomes} of ${replicas} homes`;
  });
  const served = new Set(loads.map(({ hash }) => hash));
  const stale = Object.keys(state.options.table.homes()).find((hash) => !served.has(hash));
  if (stale !== undefined) reason ??= `${stale.slice(0, 12)} is no longer served`;
  for (const id of [...state.missingSinceMs.keys()]) {
    if (!missing.has(id)) state.missingSinceMs.delete(id);
  }
  return reason;
}

async function mend(
  state: State,
  term: number,
  loads: readonly WantedLoad[],
  devices: readonly Device[],
  why: string,
): Promise<void> {
  const { table } = state.options;
  const found = findHomes(loads, devices, table.homes(), {
    weights: DEFAULT_WEIGHTS,
    batchRows: DEFAULT_BATCH_ROWS,
    seed: 1,
  });
  if (typeof found === "string") {
    return refuse(state, term, `${found}; the last plan stays`, null);
  }
  state.lastProblem = "";
  const then = tryOut(state, loads, devices, found.plan);
  const figures = then === null ? "" : `; rehearsed: ${then.meanMs.toFixed(3)} ms`;
  await change(state, term, found.homes, `${why}${figures}`, found.streamed);
}

/** What answers would have taken in the traffic that was recorded; null if none was. */
function tryOut(
  { options, traffic }: State,
  loads: readonly WantedLoad[],
  devices: readonly Device[],
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

/** Asks the policy, and tries what it says on what was recorded. */
async function improve(
  state: State,
  term: number,
  loads: readonly WantedLoad[],
  devices: readonly Device[],
  seconds: number,
): Promise<void> {
  const { options } = state;
  const key = [...loads.map(({ id }) => id), ...devices.map(({ name }) => name)].join(" ");
  if (state.policy?.key !== key) state.policy = { policy: options.policy(), key };
  const target = planOf(loads, devices, options.table.homes());
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  const choice = state.policy.policy.decide({
    scenario: { experts: loads, batchRows: DEFAULT_BATCH_ROWS, deadlineMs },
    hour: nowMs() / HOUR_MS,
    states: devices.map((device) => ({ device, isUp: true })),
    traffic: Float64Array.from(loads, ({ rowsPerSecond }) => rowsPerSecond),
    target,
    seconds,
  });
  if (choice === null) return;
  const [now, then] = [target, choice.plan].map((plan) => tryOut(state, loads, devices, plan));
  if (now === null || then === null || now === undefined || then === undefined) return;
  const figures = `rehearsed: ${then.meanMs.toFixed(3)} ms, not ${now.meanMs.toFixed(3)}`;
  if (then.meanMs > (1 - GAIN) * now.meanMs) {
    return note(state, term, "keep", `${choice.why}; but ${figures}`, null);
  }
  const homes = homesOf(loads, devices, choice.plan);
  await change(state, term, homes, `${choice.why}; ${figures}`, []);
}

/** Loads, switches, drops. What goes wrong on the way leaves the table as it was. */
async function change(
  state: State,
  term: number,
  after: HomesByExpert,
  why: string,
  streamed: readonly string[],
): Promise<void> {
  const { fabric, options, lease, fleet } = state;
  const { table } = options;
  const [before, revision] = [table.homes(), table.revision()];
  const resident = Object.fromEntries(
    Object.entries(after).filter(([hash]) => !streamed.includes(hash)),
  );
  const refused = await loadAll(fabric, term, before, resident);
  if (refused !== null) return distrust(state, term, refused);
  if (lease.term() !== term) return;
  const homes: Homes = { term, homes: after, streamed };
  const written = await switchTable(fabric, homes, revision);
  if (written === null) return;
  await auditMoves(state, term, before, after, why);
  options.log?.(`moved: ${why}`);
  const dropping = setTimeout(() => {
    if (lease.term() === term) {
      void dropAll(fabric, term, before, table.homes()).catch(() => undefined);
    }
  }, DROP_AFTER_MS);
  dropping.unref();
  await waitForRevision(state, written);
  for (const key of new Set(Object.values(after).flat())) {
    const incarnation = fleet.incarnationOf(key);
    if (incarnation !== null) state.incarnations.set(key, incarnation);
  }
}

/** Our own watch must have seen what we wrote before the next look. */
async function waitForRevision({ options }: State, revision: number): Promise<void> {
  for (let i = 0; i < 100 && options.table.revision() < revision; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function distrust(state: State, term: number, refused: Refused): Promise<void> {
  const { key, why, isFull, usedBytes } = refused;
  await refuse(state, term, `${key} did not load ${refused.expert.slice(0, 12)}: ${why}`, key);
  if (isFull) state.fleet.distrust(key, usedBytes);
}

/** Said and written once, not four times a second. */
async function refuse(
  state: State,
  term: number,
  problem: string,
  device: string | null,
): Promise<void> {
  if (state.lastProblem === problem) return;
  state.lastProblem = problem;
  state.options.log?.(problem);
  await note(state, term, "refused", problem, device);
}

async function note(
  { options }: State,
  term: number,
  what: string,
  why: string,
  device: string | null,
): Promise<void> {
  const zone = device?.split(".")[0] ?? null;
  await options.audit.append({ what, why, device, zone, before: null, after: null, term });
}

/** One line a move, then one for the table as a whole. */
async function auditMoves(
  { options: { audit } }: State,
  term: number,
  before: HomesByExpert,
  after: HomesByExpert,
  why: string,
): Promise<void> {
  for (const hash of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is] = [before[hash] ?? [], after[hash] ?? []];
    const facts = { why, term };
    for (const device of is.filter((key) => !was.includes(key))) {
      const zone = device.split(".")[0]!;
      await audit.append({ what: "load", device, zone, before: null, after: hash, ...facts });
    }
    for (const device of was.filter((key) => !is.includes(key))) {
      const zone = device.split(".")[0]!;
      await audit.append({ what: "drop", device, zone, before: hash, after: null, ...facts });
    }
  }
  const [from, to] = [before, after].map((homes) => sha256(JSON.stringify(homes)));
  const table = { device: null, zone: null, before: from!, after: to!, why, term };
  await audit.append({ what: "table", ...table });
}
