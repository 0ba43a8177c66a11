/** A plan in the making, with sums that make a change of one replica cheap to judge. */
import { ROUNDING, type Tables } from "./objective.ts";
import type { Plan, Problem } from "./problem.ts";

/** The rule that bars a replica from a device. */
export type Barrier = "zone" | "memory" | "load" | "has it already";

/** A plan in the making; the functions below modify it in place. */
export interface State {
  readonly problem: Problem;
  readonly tables: Tables;
  readonly places: number[][];
  readonly loads: Float64Array;
  readonly bytes: Float64Array;
  cost: number;
}

/** No replica is placed yet. */
export function startState(problem: Problem, tables: Tables): State {
  return {
    problem,
    tables,
    places: problem.experts.map(() => []),
    loads: new Float64Array(tables.nDevices),
    bytes: new Float64Array(tables.nDevices),
    cost: 0,
  };
}

/** The plan so far, and what it costs. */
export function snapshot(state: State): { readonly plan: Plan; readonly objective: number } {
  const plan = state.places.map((own) => [...own].sort((a, b) => a - b));
  return { plan, objective: total(state) };
}

/** Goes back to a plan. */
export function restore(state: State, plan: Plan): void {
  state.places.forEach((own, e) => {
    for (const d of [...own]) remove(state, e, d);
  });
  plan.forEach((own, e) => {
    for (const d of own) add(state, e, d);
  });
}

/** What the plan costs. */
export function total({ cost, loads, problem }: State): number {
  return cost + problem.weights.imbalance * largest(loads);
}

export function largest(loads: Float64Array): number {
  let most = 0;
  for (let d = 0; d < loads.length; d++) if (loads[d]! > most) most = loads[d]!;
  return most;
}

/** Adds a replica of expert e on device d. */
export function add(state: State, e: number, d: number): void {
  const at = e * state.tables.nDevices + d;
  state.places[e]!.push(d);
  state.loads[d]! += state.tables.loads[at]!;
  state.bytes[d]! += state.problem.experts[e]!.bytes;
  state.cost += state.tables.costs[at]!;
}

/** Takes the replica of expert e off device d. */
export function remove(state: State, e: number, d: number): void {
  const at = e * state.tables.nDevices + d;
  const homes = state.places[e]!;
  homes.splice(homes.indexOf(d), 1);
  state.loads[d]! -= state.tables.loads[at]!;
  state.bytes[d]! -= state.problem.experts[e]!.bytes;
  state.cost -= state.tables.costs[at]!;
}

/** The rule that bars a replica from a device; null if none does. */
export function barrier(state: State, e: number, d: number): Barrier | null {
  const { problem, tables, places, loads, bytes } = state;
  const at = e * tables.nDevices + d;
  if (tables.allowed[at] === 0) return "zone";
  if (places[e]!.includes(d)) return "has it already";
  if (bytes[d]! + problem.experts[e]!.bytes > problem.devices[d]!.memoryBytes) return "memory";
  return loads[d]! + tables.loads[at]! > problem.maxLoad + ROUNDING ? "load" : null;
}

/** What one more replica adds to the objective. @param most - The largest load before. */
export function price(
  { problem, tables, loads }: State,
  e: number,
  d: number,
  most: number,
): number {
  const at = e * tables.nDevices + d;
  const after = Math.max(most, loads[d]! + tables.loads[at]!);
  return tables.costs[at]! + problem.weights.imbalance * (after - most);
}

/** The device on which a replica costs least; null if every device is barred. */
export function cheapest(state: State, e: number): number | null {
  const most = largest(state.loads);
  let best: number | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (let d = 0; d < state.tables.nDevices; d++) {
    if (barrier(state, e, d) !== null) continue;
    const cost = price(state, e, d, most);
    if (cost < least) [best, least] = [d, cost];
  }
  return best;
}

/** The device with which the objective is least, if it is below `limit`. */
export function cheapestAfter(state: State, e: number, limit: number): number | null {
  const most = largest(state.loads);
  const base = state.cost + state.problem.weights.imbalance * most;
  let best: number | null = null;
  let least = limit;
  for (let d = 0; d < state.tables.nDevices; d++) {
    if (barrier(state, e, d) !== null) continue;
    const cost = base + price(state, e, d, most);
    if (cost < least) [best, least] = [d, cost];
  }
  return best;
}
