/** Plans for many experts and devices: how soon, and how far from the best. */
import { boundOf, gapOf, place } from "../../cluster/placement/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { median } from "../../shared/statistics.ts";
import { drawProblem } from "./problems.ts";

export interface PlacementRow {
  readonly nExperts: number;
  readonly nDevices: number;
  /** CPU milliseconds of each plan. */
  readonly cpuMs: readonly number[];
  /** Cost above the linear relaxation's optimum, as a share of it; null if unsolved. */
  readonly gaps: readonly (number | null)[];
}

export const PLACEMENT_SIZES = [
  { nExperts: 64, nDevices: 8 },
  { nExperts: 512, nDevices: 32 },
] as const;
/** Memory and speed of the devices ÷ what the experts need. */
const ROOM = 1.5;
const BOUND_SECONDS = 60;

/** Cost: up to a minute for the bound of each large problem. */
export async function runPlacement(
  sizes: (typeof PLACEMENT_SIZES)[number],
  seeds: readonly number[],
): Promise<PlacementRow> {
  const cpuMs: number[] = [];
  const gaps: (number | null)[] = [];
  // The first plan of a process is made by code that was never run before.
  place(drawProblem(0, { nExperts: 64, nDevices: 8, room: ROOM }), 1);
  for (const seed of seeds) {
    const problem = drawProblem(seed, { ...sizes, room: ROOM });
    const start = process.cpuUsage();
    const placed = place(problem, seed);
    const { user, system } = process.cpuUsage(start);
    if ("unplaced" in placed) {
      const message = `the bench's problem ${seed} must have a plan, none was found`;
      throw new BailiwickError("PLAN_INFEASIBLE", message, { seed });
    }
    cpuMs.push((user + system) / 1000);
    const { objective } = await boundOf(problem, BOUND_SECONDS);
    gaps.push(objective === null ? null : gapOf(placed.objective, objective));
  }
  return { ...sizes, cpuMs, gaps };
}

export function middleMs({ cpuMs }: PlacementRow): number {
  return median(cpuMs);
}

/** The largest gap; null if one problem has no bound. */
export function largestGap({ gaps }: PlacementRow): number | null {
  return gaps.reduce<number | null>(
    (most, gap) => (most === null || gap === null ? null : Math.max(most, gap)),
    0,
  );
}
