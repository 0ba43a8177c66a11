/** How many nodes the experts and their traffic want. */
import type { Device, Load } from "./problem.ts";

export interface NodeDemand {
  /** Multiply-adds per second that are asked for now. */
  readonly now: number;
  /** Those that are expected when a node that starts now is there. */
  readonly expected: number;
  /** Multiply-adds per second of one node. */
  readonly capacity: number;
  readonly startSeconds: number;
  /** That the experts' memory and replicas need in any case. */
  readonly least: number;
}

/** Nodes shall be busy for at most this share of their time. */
export const WANTED_LOAD = 0.75;
/** A node that starts sooner is wanted once the traffic is there: no forecast is as sure. */
const FORESEEN_SECONDS = 180;

export function wantedNodes({ now, expected, capacity, startSeconds, least }: NodeDemand): number {
  const work = startSeconds < FORESEEN_SECONDS ? now : Math.max(now, expected);
  return Math.max(least, Math.ceil(work / (WANTED_LOAD * capacity)));
}

/**
 * What nodes like these must do and hold, whatever the forecast.
 *
 * @param devices - At least one; a node is taken for their mean.
 */
export function nodeNeeds(
  experts: readonly Load[],
  devices: readonly Device[],
): Pick<NodeDemand, "now" | "capacity" | "least"> {
  const meanOf = (of: (device: Device) => number): number =>
    devices.reduce((sum, device) => sum + of(device), 0) / devices.length;
  const bytes = experts.reduce((sum, expert) => sum + expert.bytes * expert.replicas, 0);
  const forMemory = Math.ceil(bytes / meanOf(({ memoryBytes }) => memoryBytes));
  return {
    now: experts.reduce((sum, expert) => sum + expert.rowsPerSecond * expert.flopsPerRow, 0),
    capacity: meanOf(({ flopsPerSecond }) => flopsPerSecond),
    least: Math.max(forMemory, ...experts.map(({ replicas }) => replicas)),
  };
}
