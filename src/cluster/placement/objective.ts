/**
 * What a plan costs, in milliseconds of an expected answer, and which rules it breaks:
 *
 *   Σ_e t_e mean_d L(e, d)  +  w_i max_d ℓ_d  +  w_m Σ_new bytes_e / link_d  +  w_p Σ_d watts_d ℓ_d
 *
 * t_e is the expert's share of the traffic; L(e, d) the time of one request: the link's latency,
 * its rows over the link and through the expert; ℓ_d the share of its time that the device is
 * busy, with an expert's rows divided evenly among its replicas. All terms but the maximum are
 * sums over replicas, so a search can keep a table of what each replica costs, and a linear
 * program can bound the whole.
 */
import type { Device, Load, Plan, Problem } from "./problem.ts";

/** Row-major tables of a problem: entry [e * nDevices + d] is expert e's replica on device d. */
export interface Tables {
  readonly nExperts: number;
  readonly nDevices: number;
  /** What the replica adds to the objective, without the maximum. */
  readonly costs: Float64Array;
  /** What it adds to the device's load. */
  readonly loads: Float64Array;
  /** 1 where the expert's zones allow it. */
  readonly allowed: Uint8Array;
}

export function tablesOf({ devices, experts, current, weights, batchRows }: Problem): Tables {
  const [nExperts, nDevices] = [experts.length, devices.length];
  const costs = new Float64Array(nExperts * nDevices);
  const loads = new Float64Array(nExperts * nDevices);
  const allowed = new Uint8Array(nExperts * nDevices);
  const traffic = experts.reduce((sum, { rowsPerSecond }) => sum + rowsPerSecond, 0);
  experts.forEach((expert, e) => {
    const share = traffic === 0 ? 1 / nExperts : expert.rowsPerSecond / traffic;
    devices.forEach((device, d) => {
      const at = e * nDevices + d;
      const isNew = current !== null && !(current[e] ?? []).includes(d);
      const moving = isNew ? moveSeconds(expert, device) : 0;
      loads[at] = loadOf(expert, device);
      costs[at] =
        (share / expert.replicas) * answerMs(expert, device, batchRows) +
        weights.migration * moving +
        weights.energy * device.watts * loads[at]!;
      allowed[at] = expert.zones === null || expert.zones.includes(device.zone) ? 1 : 0;
    });
  });
  return { nExperts, nDevices, costs, loads, allowed };
}

/** Milliseconds from a request of `batchRows` rows to its answer, on an idle device. */
export function answerMs(expert: Load, device: Device, batchRows: number): number {
  const wire = (batchRows * expert.bytesPerRow) / device.bytesPerSecond;
  const compute = (batchRows * expert.flopsPerRow) / device.flopsPerSecond;
  return device.latencyMs + 1000 * (wire + compute);
}

/** Share of the device's time that one of the expert's replicas takes. */
function loadOf({ rowsPerSecond, replicas, flopsPerRow }: Load, device: Device): number {
  return ((rowsPerSecond / replicas) * flopsPerRow) / device.flopsPerSecond;
}

/** Seconds to bring an expert to a device. */
export function moveSeconds({ bytes }: Load, { bytesPerSecond }: Device): number {
  return bytes / bytesPerSecond;
}

/** Each device's load under a plan. Shape (nDevices,). */
export function loadsOf(tables: Tables, plan: Plan): Float64Array {
  const loads = new Float64Array(tables.nDevices);
  plan.forEach((places, e) => {
    for (const d of places) loads[d]! += tables.loads[e * tables.nDevices + d]!;
  });
  return loads;
}

/** What a plan costs; it may break rules. */
export function objectiveOf({ weights }: Problem, tables: Tables, plan: Plan): number {
  let cost = weights.imbalance * Math.max(0, ...loadsOf(tables, plan));
  plan.forEach((places, e) => {
    for (const d of places) cost += tables.costs[e * tables.nDevices + d]!;
  });
  return cost;
}

/** A rule that a plan breaks. */
export interface Violation {
  readonly rule: "zone" | "memory" | "load" | "replicas";
  /** The device or expert, by name. */
  readonly where: string;
  /** What must hold, and what holds. */
  readonly why: string;
}

/** Every rule that a plan breaks. */
export function violationsOf(problem: Problem, tables: Tables, plan: Plan): readonly Violation[] {
  const { devices, experts, maxLoad } = problem;
  const broken: Violation[] = [];
  plan.forEach((places, e) => {
    const { id, replicas } = experts[e]!;
    if (new Set(places).size !== replicas || places.length !== replicas) {
      const why = `must be on ${replicas} devices, is on ${new Set(places).size}`;
      broken.push({ rule: "replicas", where: id, why });
    }
    for (const d of places) {
      if (tables.allowed[e * tables.nDevices + d] === 1) continue;
      const why = `must be in ${experts[e]!.zones!.join(" or ")}, is in ${devices[d]!.zone}`;
      broken.push({ rule: "zone", where: id, why });
    }
  });
  const loads = loadsOf(tables, plan);
  devices.forEach(({ name, memoryBytes }, d) => {
    const bytes = plan.reduce((sum, places, e) => {
      return places.includes(d) ? sum + experts[e]!.bytes : sum;
    }, 0);
    if (bytes > memoryBytes) {
      const why = `must hold ${memoryBytes} bytes at most, holds ${bytes}`;
      broken.push({ rule: "memory", where: name, why });
    }
    if (loads[d]! > maxLoad + ROUNDING) {
      const why = `must be busy ${maxLoad} of its time at most, is ${loads[d]!.toFixed(3)}`;
      broken.push({ rule: "load", where: name, why });
    }
  });
  return broken;
}

/** Sums in another order may differ by this much. */
export const ROUNDING = 1e-9;
