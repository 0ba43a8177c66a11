/**
 * How long answers take in one step: link, wire, waiting for the device, compute.
 *
 * Requests come at random and a device serves one after the other. Waiting times are quantiles of
 * M/M/1's, P(W > w) = ρ e^(−w (1 − ρ) / s), for a load ρ and a mean service time s. Work beyond a
 * device's power queues up and carries over to the next step; requests beyond the deadline fail.
 */
import { answerMs, type Load, type Plan } from "../placement/index.ts";
import type { DeviceState } from "./trace.ts";

/** The answers of one step, weighted by their rows. */
export interface StepAnswers {
  /** Calls `take` with every kind of answer: milliseconds, and rows per second that get it. */
  forEach(take: (ms: number, rowsPerSecond: number) => void): void;
  /** Rows per second without a device that is up, or beyond the deadline. */
  readonly failed: number;
  /** Seconds of work that wait at the end of the step. Shape (nDevices,). */
  readonly backlog: Float64Array;
  /** Share of its time that each device is busy. Shape (nDevices,). */
  readonly loads: Float64Array;
}

export interface StepRequest {
  readonly states: readonly DeviceState[];
  readonly experts: readonly Load[];
  /** Rows per second of each expert. */
  readonly traffic: Float64Array;
  /** Where each expert can answer. */
  readonly plan: Plan;
  readonly backlog: Float64Array;
  readonly batchRows: number;
  readonly deadlineMs: number;
  readonly seconds: number;
}

/** Middles of eight equal parts of the requests that wait. */
const QUANTILES = [1, 3, 5, 7, 9, 11, 13, 15].map((q) => q / 16);
/** Nearer to 1, a queue grows longer than a step can show. */
const MAX_LOAD = 0.98;

export function answerStep(request: StepRequest): StepAnswers {
  const { states, experts, traffic, plan, batchRows, deadlineMs, seconds } = request;
  const loads = new Float64Array(states.length);
  const requests = new Float64Array(states.length);
  const homes = plan.map((places) => places.filter((d) => states[d]!.isUp));
  homes.forEach((places, e) => {
    for (const d of places) {
      const rows = traffic[e]! / places.length;
      requests[d]! += rows / batchRows;
      loads[d]! += (rows * experts[e]!.flopsPerRow) / states[d]!.device.flopsPerSecond;
    }
  });
  const most = deadlineMs / 1000;
  const backlog = request.backlog.map((work, d) => {
    if (!states[d]!.isUp) return 0;
    return Math.min(most, Math.max(0, work + (loads[d]! - 1) * seconds));
  });
  const waits = states.map((_, d) => {
    const queued = 1000 * Math.max(request.backlog[d]!, backlog[d]!);
    const service = requests[d] === 0 ? 0 : (1000 * loads[d]!) / requests[d]!;
    return { queued, ...waiting(Math.min(MAX_LOAD, loads[d]!), service) };
  });
  const kinds: [ms: number, rowsPerSecond: number][] = [];
  let failed = 0;
  homes.forEach((places, e) => {
    if (places.length === 0) failed += traffic[e]!;
    for (const d of places) {
      const idle = answerMs(experts[e]!, states[d]!.device, batchRows);
      const { queued, times, shares } = waits[d]!;
      times.forEach((wait, q) => {
        const ms = idle + queued + wait;
        const rows = (shares[q]! * traffic[e]!) / places.length;
        if (ms >= deadlineMs) failed += rows;
        else kinds.push([ms, rows]);
      });
    }
  });
  const forEach: StepAnswers["forEach"] = (take) => {
    for (const [ms, rows] of kinds) take(ms, rows);
  };
  return { forEach, failed, backlog, loads };
}

/** Waiting times in milliseconds and how often each is. */
function waiting(
  load: number,
  serviceMs: number,
): { readonly times: readonly number[]; readonly shares: readonly number[] } {
  const times = QUANTILES.map((u) => (-Math.log(1 - u) * serviceMs) / (1 - load));
  return { times: [0, ...times], shares: [1 - load, ...QUANTILES.map(() => load / 8)] };
}
