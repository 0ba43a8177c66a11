/** Loads to place: every served expert once for all zones, and once for each list of zones. */
import {
  DEFAULT_MAX_LOAD,
  type Device,
  type Load,
  type NotPlaced,
  notPlacedInWords,
  type Plan,
  place,
  type Weights,
} from "../placement/index.ts";
import type { ModelRecord, ServedExpert } from "../router/index.ts";
import type { HomesByExpert } from "./carry-out.ts";

/** A load with the expert that it is a copy of. */
export interface WantedLoad extends Load {
  readonly hash: string;
}

/**
 * A load that must stay in zones without a device is left out; routers refuse its rows. No load has
 * more replicas than there are devices for it.
 *
 * @param rowsPerSecond - Of each expert, by hash, as seen or forecast.
 */
export function wantedLoads(
  models: readonly ModelRecord[],
  rowsPerSecond: ReadonlyMap<string, number>,
  devices: readonly Device[],
): readonly WantedLoad[] {
  const loads = new Map<string, WantedLoad>();
  const seen = [...rowsPerSecond.values()].reduce((sum, rows) => sum + rows, 0);
  const quiet = seen === 0 ? quietTraffic(models, devices) : 0;
  const add = (expert: ServedExpert, replicas: number, zones: readonly string[] | null): void => {
    const able = devices.filter(({ zone }) => zones === null || zones.includes(zone)).length;
    if (able === 0) return;
    const id = `${expert.hash}${zones === null ? "" : `@${zones.join(",")}`}`;
    const n = Math.max(Math.min(replicas, able), loads.get(id)?.replicas ?? 0);
    const rows = seen === 0 ? quiet * expert.share : (rowsPerSecond.get(expert.hash) ?? 0);
    const { hash, bytes, flopsPerRow, bytesPerRow } = expert;
    const size = { bytes, flopsPerRow, bytesPerRow };
    loads.set(id, { id, hash, ...size, rowsPerSecond: rows, replicas: n, zones });
  };
  for (const { experts, replicas, zoneLists } of models) {
    for (const expert of experts) {
      for (const zones of [null, ...zoneLists]) add(expert, replicas, within(zones, expert.zones));
    }
  }
  return [...loads.values()];
}

/** Zones of both lists, where null is any. */
function within(
  zones: readonly string[] | null,
  others: readonly string[] | null,
): readonly string[] | null {
  if (zones === null || others === null) return zones ?? others;
  return zones.filter((zone) => others.includes(zone));
}

/** How busy devices are in the traffic that is assumed while none was seen. */
const QUIET_LOAD = 0.3;

/** Rows per second of every model. */
function quietTraffic(models: readonly ModelRecord[], devices: readonly Device[]): number {
  const power = devices.reduce((sum, { flopsPerSecond }) => sum + flopsPerSecond, 0);
  const work = models
    .flatMap(({ experts }) => experts)
    .reduce((sum, { flopsPerRow, share }) => sum + flopsPerRow * share, 0);
  return work === 0 ? 0 : (QUIET_LOAD * power) / work;
}

/** Homes as a plan; homes that are no device here are left out. */
export function planOf(
  loads: readonly WantedLoad[],
  devices: readonly Device[],
  homes: HomesByExpert,
): Plan {
  return loads.map(({ hash, zones, replicas }) =>
    (homes[hash] ?? [])
      .map((key) => devices.findIndex(({ name }) => name === key))
      .filter((d) => d >= 0 && (zones === null || zones.includes(devices[d]!.zone)))
      .sort((a, b) => a - b)
      .slice(0, replicas),
  );
}

export function homesOf(
  loads: readonly WantedLoad[],
  devices: readonly Device[],
  plan: Plan,
): HomesByExpert {
  const homes: Record<string, string[]> = {};
  loads.forEach(({ hash }, e) => {
    const names = plan[e]!.map((d) => devices[d]!.name);
    homes[hash] = [...new Set([...(homes[hash] ?? []), ...names])].sort();
  });
  return homes;
}

const ANY_LOAD = 1e9;

export interface PlacingOptions {
  readonly weights: Weights;
  readonly batchRows: number;
  readonly seed: number;
}

export interface FoundHomes {
  readonly plan: Plan;
  readonly homes: HomesByExpert;
  /** Experts for which no memory is left: their homes fetch them when they are asked for. */
  readonly streamed: readonly string[];
}

/**
 * Homes for all loads. Where memory is short, the experts with the least traffic are left out of
 * the plan and given to the devices with most memory, which fetch them when they are asked for.
 *
 * @returns A text if there are none: which expert could not be placed and why.
 */
export function findHomes(
  loads: readonly WantedLoad[],
  devices: readonly Device[],
  current: HomesByExpert,
  options: PlacingOptions,
): FoundHomes | string {
  // A device that is too busy answers late; an expert without a device not at all.
  const attempt = (resident: readonly WantedLoad[]): Plan | NotPlaced => {
    if (resident.length === 0) return [];
    const problem = {
      devices,
      experts: resident,
      current: planOf(resident, devices, current),
      weights: options.weights,
      batchRows: options.batchRows,
    };
    const calm = place({ ...problem, maxLoad: DEFAULT_MAX_LOAD }, options.seed);
    if (!("unplaced" in calm)) return calm.plan;
    const busy = place({ ...problem, maxLoad: ANY_LOAD }, options.seed);
    return "unplaced" in busy ? busy : busy.plan;
  };
  const whole = attempt(loads);
  if (!("unplaced" in whole)) {
    return { plan: whole, homes: homesOf(loads, devices, whole), streamed: [] };
  }
  if (!whole.unplaced.devices.some(({ rule }) => rule === "memory")) return notPlacedInWords(whole);
  const largest = Math.max(...devices.map(({ memoryBytes }) => memoryBytes));
  if (loads.some(({ bytes }) => bytes > largest)) return notPlacedInWords(whole);
  return streamColdest(loads, devices, attempt) ?? notPlacedInWords(whole);
}

/** Finds by bisection how many experts, those with most traffic first, can stay in memory. */
function streamColdest(
  loads: readonly WantedLoad[],
  devices: readonly Device[],
  attempt: (resident: readonly WantedLoad[]) => Plan | NotPlaced,
): FoundHomes | null {
  const byHeat = [...loads].sort((a, b) => b.rowsPerSecond - a.rowsPerSecond);
  let [fits, most] = [0, byHeat.length];
  let best: Plan = [];
  while (most - fits > 1) {
    const middle = Math.floor((fits + most) / 2);
    const found = attempt(byHeat.slice(0, middle));
    if ("unplaced" in found) most = middle;
    else [fits, best] = [middle, found];
  }
  const cold = byHeat.slice(fits);
  const plan = [...best];
  for (const [i, { zones, bytes }] of cold.entries()) {
    const able = devices
      .map((device, d) => ({ ...device, d }))
      .filter(({ zone, memoryBytes }) => {
        return memoryBytes >= bytes && (zones === null || zones.includes(zone));
      })
      .sort((a, b) => b.memoryBytes - a.memoryBytes);
    if (able.length === 0) return null;
    plan.push([able[i % able.length]!.d]);
  }
  const homes = homesOf(byHeat, devices, plan);
  const order = loads.map((load) => plan[byHeat.indexOf(load)]!);
  return { plan: order, homes, streamed: [...new Set(cold.map(({ hash }) => hash))] };
}
