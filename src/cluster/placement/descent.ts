/** Descent: shifts of one replica and swaps of two, while they make the plan cheaper. */
import { ROUNDING } from "./objective.ts";
import { add, barrier, cheapestAfter, largest, remove, type State, total } from "./plan-state.ts";

/** A change must gain this much, or rounding could go in circles. */
export const LEAST_GAIN = 1e-9;

/** Shifts, then swaps, until neither gains anything. */
export function descend(state: State): void {
  for (;;) {
    while (shiftAll(state));
    if (!swapAll(state)) return;
  }
}

/** Moves each replica to where it gains most. @returns Whether any was moved. */
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

/** Exchanges the devices of two replicas where that gains. @returns Whether any were. */
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

/** Swaps if that gains and no rule bars it. @param most - The largest load. */
function swap(state: State, [e, d]: Replica, [f, g]: Replica, most: number): boolean {
  const { tables, loads, problem } = state;
  const n = tables.nDevices;
  const { costs, loads: own } = tables;
  const change = costs[e * n + g]! + costs[f * n + d]! - costs[e * n + d]! - costs[f * n + g]!;
  const onD = loads[d]! - own[e * n + d]! + own[f * n + d]!;
  const onG = loads[g]! - own[f * n + g]! + own[e * n + g]!;
  const limit = problem.maxLoad + ROUNDING;
  if (onD > limit || onG > limit) return false;
  // Most pairs gain nothing, whatever the other devices' loads are.
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
