/**
 * Policies of placement over scenarios: the one that forecasts against plans that never change.
 *
 * Static plans are made from the mean traffic, and from each hour's traffic and
 * devices. The best of them can be chosen only in hindsight; the median is what to expect.
 */
import {
  createPredictive,
  createStatic,
  createThreshold,
} from "../../cluster/orchestration/index.ts";
import {
  DEFAULT_MAX_LOAD,
  DEFAULT_WEIGHTS,
  type Plan,
  place,
} from "../../cluster/placement/index.ts";
import {
  devicesAt,
  drawTrace,
  type Scenario,
  type Simulated,
  simulate,
  type Trace,
} from "../../cluster/simulation/index.ts";
import { median } from "../../shared/statistics.ts";

type Fared = Omit<Simulated, "decided">;

export interface ScenarioRow {
  readonly scenario: string;
  readonly nDevices: number;
  readonly nExperts: number;
  readonly hours: number;
  readonly nStatic: number;
  /** 95th percentiles in milliseconds. */
  readonly bestStatic: number;
  readonly medianStatic: number;
  readonly threshold: Fared;
  readonly predictive: Fared;
}

const OPTIONS = { seed: 1 };

/** One scenario, each hour placed and simulated. Takes seconds. */
export function runScenario(scenario: Scenario): ScenarioRow {
  const trace = drawTrace(scenario);
  const plans = staticPlans(scenario, trace);
  const first = plans[0]!;
  const p95s = plans.map((plan) => simulate(scenario, createStatic(), plan, trace).p95);
  return {
    scenario: scenario.name,
    nDevices: scenario.devices.length,
    nExperts: scenario.experts.length,
    hours: scenario.hours,
    nStatic: plans.length,
    bestStatic: Math.min(...p95s),
    medianStatic: median(p95s),
    threshold: withoutDecisions(simulate(scenario, createThreshold(OPTIONS), first, trace)),
    predictive: withoutDecisions(simulate(scenario, createPredictive(OPTIONS), first, trace)),
  };
}

function withoutDecisions({ decided, ...fared }: Simulated): Fared {
  return fared;
}

/** For the mean traffic first, then for every hour's. */
function staticPlans(scenario: Scenario, trace: Trace): readonly Plan[] {
  const mean = scenario.experts.map(({ rowsPerSecond }) => rowsPerSecond);
  const plans = [planFor(scenario, Float64Array.from(mean), 0)];
  const stepsPerHour = Math.round(3600 / scenario.stepSeconds);
  const n = scenario.experts.length;
  for (let step = 0; step < trace.nSteps; step += stepsPerHour) {
    const traffic = trace.traffic.subarray(step * n, (step + 1) * n);
    plans.push(planFor(scenario, traffic, step));
  }
  return plans.filter((plan) => plan !== null);
}

function planFor(scenario: Scenario, traffic: Float64Array, step: number): Plan | null {
  const devices = devicesAt(scenario, step).map(({ device, isUp }) =>
    isUp ? device : { ...device, memoryBytes: 1 },
  );
  const experts = scenario.experts.map((expert, e) => ({ ...expert, rowsPerSecond: traffic[e]! }));
  const given = { weights: DEFAULT_WEIGHTS, maxLoad: DEFAULT_MAX_LOAD };
  const { batchRows } = scenario;
  const found = place({ devices, experts, current: null, ...given, batchRows }, OPTIONS.seed);
  return "plan" in found ? found.plan : null;
}
