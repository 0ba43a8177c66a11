/**
 * The search for a good plan: a greedy start, then a descent by shifts and swaps.
 *
 * Deterministic for a seed. A kick moves a few random replicas and descends again; the plan is kept
 * if it costs less (iterated local search: Lourenço, Martin & Stützle 2003).
 */
import { createRng, type Rng } from "../../shared/rng.ts";
import { descend, LEAST_GAIN } from "./descent.ts";
import { placeAll, type Unplaced } from "./greedy.ts";
import type { Tables } from "./objective.ts";
import {
  add,
  barrier,
  remove,
  restore,
  type State,
  snapshot,
  startState,
  total,
} from "./plan-state.ts";
import type { Plan, Problem } from "./problem.ts";

export type Found =
  | { readonly plan: Plan; readonly objective: number }
  | { readonly unplaced: Unplaced };

/** Fewer for very many experts: a descent looks at every pair of experts. */
const MAX_KICKS = 20;
const KICKED_PAIRS = 5e6;
const KICK_SHARE = 0.05;

export function searchPlan(problem: Problem, tables: Tables, seed: number): Found {
  const state = startState(problem, tables);
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

/** Moves a few random replicas to random devices where no rule bars them. */
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
