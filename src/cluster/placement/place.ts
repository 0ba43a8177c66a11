/** A plan, how far it can be from the best, and which limits bind. */
import { BailiwickError, checkInteger, checkNumber } from "../../shared/errors.ts";
import { type Bound, boundObjective } from "./bound.ts";
import type { Unplaced } from "./greedy.ts";
import { type Move, movesBetween } from "./moves.ts";
import { loadsOf, tablesOf } from "./objective.ts";
import type { Plan, Problem } from "./problem.ts";
import { searchPlan } from "./search.ts";

export interface Placed {
  readonly plan: Plan;
  readonly objective: number;
  /** Share of its time that each device is busy. */
  readonly loads: readonly number[];
  /** The steps from the current plan to this one. */
  readonly moves: readonly Move[];
}

/** No plan was found; the current one, if there is one, stays. */
export interface NotPlaced {
  readonly unplaced: Unplaced;
}

/** Names the expert that found no device, and the rules that bar it on each. */
export function notPlacedInWords({ unplaced: { expert, devices } }: NotPlaced): string {
  const rules = [...new Set(devices.map(({ rule }) => rule))];
  const reasons = rules.map((rule) => {
    const names = devices.filter((one) => one.rule === rule).map(({ name }) => name);
    const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
    return `${rule} on ${names.slice(0, NAMED).join(", ")}${more}`;
  });
  return `expert ${expert} must fit a device, none has room; what bars it is ${reasons.join("; ")}`;
}

const NAMED = 8;

/** @throws INVALID_OPTION for a problem that makes no sense. */
export function place(problem: Problem, seed: number): Placed | NotPlaced {
  checkProblem(problem);
  const tables = tablesOf(problem);
  const found = searchPlan(problem, tables, seed);
  if ("unplaced" in found) return found;
  const { plan, objective } = found;
  return {
    plan,
    objective,
    loads: [...loadsOf(tables, plan)],
    moves: movesBetween(problem.current, plan, problem),
  };
}

/**
 * A bound of every plan's objective. Cost: seconds for hundreds of experts.
 *
 * @throws WORKER_FAILED
 */
export async function boundOf(problem: Problem, seconds: number): Promise<Bound> {
  checkProblem(problem);
  return boundObjective(problem, tablesOf(problem), seconds);
}

/** How far above the bound, as a share of it. */
export function gapOf(objective: number, bound: number): number {
  return (objective - bound) / Math.max(Math.abs(bound), Number.MIN_VALUE);
}

function checkProblem({ devices, experts, maxLoad, batchRows }: Problem): void {
  if (devices.length === 0) {
    throw new BailiwickError("INVALID_OPTION", "devices must be at least one, got none");
  }
  if (experts.length === 0) {
    throw new BailiwickError("INVALID_OPTION", "experts must be at least one, got none");
  }
  checkInteger("batchRows", batchRows, 1);
  checkNumber("maxLoad", maxLoad, 0);
  for (const { name, flopsPerSecond, memoryBytes, bytesPerSecond, latencyMs } of devices) {
    checkNumber(`${name}'s flopsPerSecond`, flopsPerSecond, 1);
    checkNumber(`${name}'s bytesPerSecond`, bytesPerSecond, 1);
    checkNumber(`${name}'s memoryBytes`, memoryBytes, 1);
    checkNumber(`${name}'s latencyMs`, latencyMs, 0);
  }
  for (const { id, replicas, rowsPerSecond } of experts) {
    checkInteger(`${id}'s replicas`, replicas, 1);
    checkNumber(`${id}'s rowsPerSecond`, rowsPerSecond, 0);
  }
}
