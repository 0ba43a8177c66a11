/**
 * A good plan, quickly: greedy, then shifts of one replica and swaps of two while they pay.
 *
 * Deterministic. Where a kick of a few random replicas and another descent end lower, that is kept
 * (iterated local search: Lourenço, Martin & Stützle 2003).
 */
import { createRng, type Rng } from "../../shared/rng.ts";
import { ROUNDING, type Tables } from "./objective.ts";
import type { Plan, Problem } from "./problem.ts";

/** Why nothing could be found: an expert, and for every device the rule that bars it. */
export interface Unplaced {
  readonly expert: string;
  readonly devices: readonly { readonly name: string; readonly rule: Rule }[];
}

export type Rule = "zone" | "memory" | "load" | "has it already";

export type Found =
  | { readonly plan: Plan; readonly objective: number }
  | { readonly unplaced: Unplaced };

/** A plan on the way; everything is modified in place. */
interface State {
  readonly problem: Problem;
  readonly tables: Tables;
  readonly places: number[][];
  readonly loads: Float64Array;
  readonly bytes: Float64Array;
  cost: number;
}

/** Fewer for very many experts: a descent looks at every pair of them. */
const MAX_KICKS = 20;
const KICKED_PAIRS = 5e6;
const KICK_SHARE = 0.05;
/** A change must gain this much, or rounding could go in circles. */
const LEAST_GAIN = 1e-9;

export function searchPlan(problem: Problem, tables: Tables, seed: number): Found {
  const state = emptyState(problem, tables);
  const unplaced = placeAll(state);
  if (unplaced !== null) return { unplaced };
  descend(state);
  const rng = createRng(seed);
  let best = snapshot(state);
  const kicks = Math.min(MAX_KICKS, Math.ceil(KICKED_PAIRS / problem.experts.length ** 2));
  for (let kick = 0; kick < kicks; kick++) {
    shake(state, rng);
    descend(state);
    if (total(state) < best.objective - LEAST_GAIN) best = snapshot(state);
    else restore(state, best.plan);
  }
  return best;
}

function emptyState(problem: Problem, tables: Tables): State {
  return {
    problem,
    tables,
    places: problem.experts.map(() => []),
    loads: new Float64Array(tables.nDevices),
    bytes: new Float64Array(tables.nDevices),
    cost: 0,
  };
}

function snapshot(state: State): { readonly plan: Plan; readonly objective: number } {
  const plan = state.places.map((own) => [...own].sort((a, b) => a - b));
  return { plan, objective: total(state) };
}

function restore(state: State, plan: Plan): void {
  state.places.forEach((own, e) => {
    for (const d of [...own]) remove(state, e, d);
  });
  plan.forEach((own, e) => {
    for (const d of own) add(state, e, d);
  });
}

function total({ cost, loads, problem }: State): number {
  return cost + problem.weights.imbalance * largest(loads);
}

function largest(loads: Float64Array): number {
  let most = 0;
  for (let d = 0; d < loads.length; d++) if (loads[d]! > most) most = loads[d]!;
  return most;
}

function add(state: State, e: number, d: number): void {
  const at = e * state.tables.nDevices + d;
  state.places[e]!.push(d);
  state.loads[d]! += state.tables.loads[at]!;
  state.bytes[d]! += state.problem.experts[e]!.bytes;
  state.cost += state.tables.costs[at]!;
}

function remove(state: State, e: number, d: number): void {
  const at = e * state.tables.nDevices + d;
  const own = state.places[e]!;
  own.splice(own.indexOf(d), 1);
  state.loads[d]! -= state.tables.loads[at]!;
  state.bytes[d]! -= state.problem.experts[e]!.bytes;
  state.cost -= state.tables.costs[at]!;
}

/** The rule that bars a replica; null if it may be. */
function barrier(state: State, e: number, d: number): Rule | null {
  const { problem, tables, places, loads, bytes } = state;
  const at = e * tables.nDevices + d;
  if (tables.allowed[at] === 0) return "zone";
  if (places[e]!.includes(d)) return "has it already";
  if (bytes[d]! + problem.experts[e]!.bytes > problem.devices[d]!.memoryBytes) return "memory";
  return loads[d]! + tables.loads[at]! > problem.maxLoad + ROUNDING ? "load" : null;
}

/** What the objective gains by a replica more. @param most - The largest load before. */
function price({ problem, tables, loads }: State, e: number, d: number, most: number): number {
  const at = e * tables.nDevices + d;
  const after = Math.max(most, loads[d]! + tables.loads[at]!);
  return tables.costs[at]! + problem.weights.imbalance * (after - most);
}

/** Experts that are hard to place first; each replica where it costs least. */
function placeAll(state: State): Unplaced | null {
  const { experts, devices } = state.problem;
  const memory = Math.max(...devices.map(({ memoryBytes }) => memoryBytes));
  const size = (e: number): number => {
    const { bytes, replicas, zones } = experts[e]!;
    const work = state.tables.loads[e * devices.length]! * replicas;
    return (zones === null ? 0 : 1) + bytes / memory + work;
  };
  const order = [...experts.keys()].sort((a, b) => size(b) - size(a) || a - b);
  for (const e of order) {
    for (let replica = 0; replica < experts[e]!.replicas; replica++) {
      const d = cheapest(state, e) ?? makeRoom(state, e);
      if (d === null) return explainUnplaced(state, e);
      add(state, e, d);
    }
  }
  return null;
}

function cheapest(state: State, e: number): number | null {
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

/** A device on which another expert can make way, which is done; null if there is none. */
function makeRoom(state: State, e: number): number | null {
  for (let d = 0; d < state.tables.nDevices; d++) {
    const rule = barrier(state, e, d);
    if (rule !== "memory" && rule !== "load") continue;
    for (const [other, own] of state.places.entries()) {
      if (!own.includes(d)) continue;
      remove(state, other, d);
      const to = barrier(state, e, d) === null ? cheapestBut(state, other, d) : null;
      if (to !== null) {
        add(state, other, to);
        return d;
      }
      add(state, other, d);
    }
  }
  return null;
}

function cheapestBut(state: State, e: number, not: number): number | null {
  const own = state.places[e]!;
  own.push(not);
  const found = cheapest(state, e);
  own.pop();
  return found;
}

function explainUnplaced(state: State, e: number): Unplaced {
  const devices = state.problem.devices.map(({ name }, d) => ({
    name,
    rule: barrier(state, e, d)!,
  }));
  return { expert: state.problem.experts[e]!.id, devices };
}

/** Shifts, then swaps, until neither pays. */
function descend(state: State): void {
  for (;;) {
    while (shiftAll(state));
    if (!swapAll(state)) return;
  }
}

/** Moves each replica to where it pays most. Whether any did. */
function shiftAll(state: State): boolean {
  let moved = false;
  for (let e = 0; e < state.places.length; e++) {
    for (const from of [...state.places[e]!]) {
      const before = total(state);
      remove(state, e, from);
      const to = cheapestAfter(state, e, before - LEAST_GAIN);
      add(state, e, to ?? from);
      if (to !== null && to !== from) moved = true;
    }
  }
  return moved;
}

/** The device with which the whole costs least, if less than `limit`. */
function cheapestAfter(state: State, e: number, limit: number): number | null {
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

/** Exchanges the devices of two replicas where it pays. Whether any did. */
function swapAll(state: State): boolean {
  let swapped = false;
  const n = state.places.length;
  let most = largest(state.loads);
  for (let e = 0; e < n; e++) {
    for (let f = e + 1; f < n; f++) {
      if (!swapPair(state, e, f, most)) continue;
      swapped = true;
      most = largest(state.loads);
    }
  }
  return swapped;
}

function swapPair(state: State, e: number, f: number, most: number): boolean {
  for (const d of state.places[e]!) {
    for (const g of state.places[f]!) {
      if (d !== g && swap(state, [e, d], [f, g], most)) return true;
    }
  }
  return false;
}

type Replica = readonly [expert: number, device: number];

/** Does it if it pays and may be. @param most - The largest load. */
function swap(state: State, [e, d]: Replica, [f, g]: Replica, most: number): boolean {
  const { tables, loads, problem } = state;
  const n = tables.nDevices;
  const { costs, loads: own } = tables;
  const change = costs[e * n + g]! + costs[f * n + d]! - costs[e * n + d]! - costs[f * n + g]!;
  const onD = loads[d]! - own[e * n + d]! + own[f * n + d]!;
  const onG = loads[g]! - own[f * n + g]! + own[e * n + g]!;
  const limit = problem.maxLoad + ROUNDING;
  if (onD > limit || onG > limit) return false;
  // Most pairs cannot pay, whatever the others are.
  const isMost = Math.max(loads[d]!, loads[g]!) >= most;
  if (change >= 0 && !isMost) return false;
  let after = Math.max(onD, onG);
  if (!isMost) after = Math.max(after, most);
  else for (let i = 0; i < n; i++) if (i !== d && i !== g) after = Math.max(after, loads[i]!);
  if (change + problem.weights.imbalance * (after - most) > -LEAST_GAIN) return false;
  return trySwap(state, [e, d], [f, g]);
}

function trySwap(state: State, [e, d]: Replica, [f, g]: Replica): boolean {
  remove(state, e, d);
  remove(state, f, g);
  if (barrier(state, e, g) === null && barrier(state, f, d) === null) {
    add(state, e, g);
    if (barrier(state, f, d) === null) {
      add(state, f, d);
      return true;
    }
    remove(state, e, g);
  }
  add(state, e, d);
  add(state, f, g);
  return false;
}

/** Moves a few replicas anywhere that they may be. */
function shake(state: State, rng: Rng): void {
  const n = state.places.length;
  const count = Math.max(2, Math.round(KICK_SHARE * n));
  for (let i = 0; i < count; i++) {
    const e = rng.int(n);
    const from = state.places[e]![0]!;
    const to = rng.int(state.tables.nDevices);
    if (barrier(state, e, to) !== null) continue;
    remove(state, e, from);
    add(state, e, to);
  }
}
