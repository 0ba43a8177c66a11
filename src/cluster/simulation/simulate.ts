/**
 * A placement policy over a scenario: what it sees, what it decides, and how long answers take.
 *
 * Time advances in steps; within a step nothing changes. The same scenario and policy give the same
 * bits.
 */
import type { Plan } from "../placement/index.ts";
import { answerStep } from "./answers.ts";
import { createHistogram, type Histogram } from "./histogram.ts";
import { createHoldings, type Holdings } from "./holdings.ts";
import type { Scenario } from "./scenario.ts";
import { type DeviceState, devicesAt, drawTrace, hourOf, type Trace } from "./trace.ts";

/** What a policy sees when it is asked: nothing from the future. */
export interface View {
  readonly scenario: Pick<Scenario, "experts" | "batchRows" | "deadlineMs">;
  readonly hour: number;
  readonly states: readonly DeviceState[];
  /** Rows per second of each expert since the policy was last asked. Shape (nExperts,). */
  readonly traffic: Float64Array;
  /** Where experts are to be. */
  readonly target: Plan;
  /** Seconds until it is asked again. */
  readonly seconds: number;
}

/** The plan from now on, and why; null to keep the present one. */
export type Choice = { readonly plan: Plan; readonly why: string } | null;

export interface Policy {
  readonly name: string;
  /** May remember what it has seen, so a policy serves one run. */
  decide(view: View): Choice;
}

export interface Decided {
  readonly hour: number;
  readonly nMoves: number;
  readonly why: string;
}

export interface Simulated {
  readonly policy: string;
  /** Milliseconds; a request that failed counts as the deadline. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly mean: number;
  readonly failedShare: number;
  readonly nMoves: number;
  readonly movesPerHour: number;
  readonly megabytesMoved: number;
  readonly decided: readonly Decided[];
}

/** How often a policy is asked. */
const ASKED_SECONDS = 300;

/** @param first - Where experts are at the start. */
export function simulate(
  scenario: Scenario,
  policy: Policy,
  first: Plan,
  trace: Trace = drawTrace(scenario),
): Simulated {
  const { experts, stepSeconds, hours } = scenario;
  const nExperts = experts.length;
  const every = Math.max(1, Math.round(ASKED_SECONDS / stepSeconds));
  const histogram = createHistogram();
  const holdings = createHoldings(scenario, first);
  const decided: Decided[] = [];
  let backlog: Float64Array = new Float64Array(scenario.devices.length);
  let failed = 0;
  for (let step = 0; step < trace.nSteps; step++) {
    const states = devicesAt(scenario, step);
    if (step > 0 && step % every === 0) {
      const traffic = meanTraffic(trace, nExperts, step - every, step);
      const hour = hourOf(scenario, step);
      const seconds = every * stepSeconds;
      const { target } = holdings;
      const choice = policy.decide({ scenario, hour, states, traffic, target, seconds });
      if (choice !== null) {
        decided.push({ hour, nMoves: holdings.aim(choice.plan), why: choice.why });
      }
    }
    holdings.advance(states, step * stepSeconds);
    const answers = answerStep({
      ...scenario,
      states,
      traffic: trace.traffic.subarray(step * nExperts, (step + 1) * nExperts),
      plan: holdings.held(),
      backlog,
      seconds: stepSeconds,
    });
    answers.forEach(histogram.add);
    histogram.add(scenario.deadlineMs, answers.failed);
    failed += answers.failed;
    backlog = answers.backlog;
  }
  return summarise(policy, { hours, failed, histogram, holdings, decided });
}

function meanTraffic(
  { traffic }: Trace,
  nExperts: number,
  from: number,
  until: number,
): Float64Array {
  const mean = new Float64Array(nExperts);
  for (let step = from; step < until; step++) {
    for (let e = 0; e < nExperts; e++) mean[e]! += traffic[step * nExperts + e]! / (until - from);
  }
  return mean;
}

interface Run {
  readonly hours: number;
  readonly failed: number;
  readonly histogram: Histogram;
  readonly holdings: Holdings;
  readonly decided: readonly Decided[];
}

function summarise(
  { name }: Policy,
  { hours, failed, histogram, holdings, decided }: Run,
): Simulated {
  const nMoves = decided.reduce((sum, one) => sum + one.nMoves, 0);
  return {
    policy: name,
    p50: histogram.quantile(0.5) ?? 0,
    p95: histogram.quantile(0.95) ?? 0,
    p99: histogram.quantile(0.99) ?? 0,
    mean: histogram.mean() ?? 0,
    failedShare: failed / Math.max(histogram.total(), Number.MIN_VALUE),
    nMoves,
    movesPerHour: nMoves / hours,
    megabytesMoved: holdings.bytesMoved() / 1e6,
    decided,
  };
}
