/**
 * When to move experts: never, when something is wrong, or when a forecast says that it pays.
 *
 * All three see the same and search for plans in the same way. None moves experts for a gain that
 * is small or was seen only once: measurements are noisy, and every move costs.
 */
import { wholePercent } from "../../shared/wording.ts";
import { createForecaster, type Forecaster } from "../forecast/index.ts";
import {
  DEFAULT_MAX_LOAD,
  type Device,
  type Plan,
  type Problem,
  place,
} from "../placement/index.ts";
import { answerStep, type Choice, type Policy, type View } from "../simulation/index.ts";
import { DEFAULT_RULE, type Rule, weightsOf } from "./rule.ts";

export interface PolicyOptions {
  /** Of the search for plans. */
  readonly seed: number;
  /** Default: the rule without tuning. */
  readonly rule?: Rule;
}

/** What a predictive policy expects of each expert, in rows per second until it is asked again. */
export interface Foresight {
  expect(view: View): Float64Array;
  /** Mean absolute error of late ÷ the mean; null if none is known. */
  error(): number | null;
}

export function createStatic(name = "static"): Policy {
  return { name, decide: () => null };
}

/** Above this share of its time a device is too busy. */
const TOO_BUSY = 0.9;

/** Moves when an expert has lost a home or a device is too busy, and not before. */
export function createThreshold(options: PolicyOptions): Policy {
  return {
    name: "threshold",
    decide(view) {
      const lost = lostHomes(view);
      const { loads } = expectAnswers(view, view.target, view.traffic);
      const busiest = loads.indexOf(Math.max(...loads));
      if (lost === null && loads[busiest]! <= TOO_BUSY) return null;
      const { name } = view.states[busiest]!.device;
      const why = lost ?? `${name} is busy ${wholePercent(loads[busiest]!)} of its time`;
      return better(view, options, view.traffic, why);
    },
  };
}

/** Before any forecast could be checked. */
const UNKNOWN_ERROR = 1;

/** Moves when forecasts, until it is asked again, say several times in a row that a move pays. */
export function createPredictive(
  options: PolicyOptions,
  foresight: Foresight = forecasts(options),
  name = "predictive",
): Policy {
  const { gain, caution, persistence } = options.rule ?? DEFAULT_RULE;
  let nSeen = 0;
  return {
    name,
    decide(view) {
      const expected = foresight.expect(view);
      const lost = lostHomes(view);
      if (lost !== null) return better(view, options, expected, lost);
      const choice = better(view, options, expected, "");
      if (choice === null) {
        nSeen = 0;
        return null;
      }
      const before = expectAnswers(view, view.target, expected).meanMs;
      const after = expectAnswers(view, choice.plan, expected).meanMs;
      const error = foresight.error();
      const least = gain + caution * (error ?? UNKNOWN_ERROR);
      nSeen = after <= (1 - least) * before ? nSeen + 1 : 0;
      if (nSeen < persistence) return null;
      nSeen = 0;
      const sure = error === null ? "" : `, forecasts are off by ${wholePercent(error)}`;
      return {
        plan: choice.plan,
        why: `answers would take ${after.toFixed(2)} ms, not ${before.toFixed(2)}${sure}`,
      };
    },
  };
}

/** Learns from the traffic that each view shows. */
function forecasts({ rule = DEFAULT_RULE }: PolicyOptions): Foresight {
  let forecaster: Forecaster | null = null;
  return {
    expect({ traffic, hour, seconds }) {
      forecaster ??= createForecaster(traffic.length);
      forecaster.observe(hour - seconds / 7200, traffic);
      return forecaster.expect(hour + (rule.ahead * seconds) / 7200);
    },
    error: () => forecaster?.error() ?? null,
  };
}

/** Names an expert that should be on a device that is down; null if there is none. */
function lostHomes({ target, states, scenario }: View): string | null {
  const e = target.findIndex((places) => places.some((d) => !states[d]!.isUp));
  if (e < 0) return null;
  const down = target[e]!.find((d) => !states[d]!.isUp)!;
  return `${states[down]!.device.name} is down, which held ${scenario.experts[e]!.id}`;
}

/** The best plan for this traffic; null if it is the present one, or none was found. */
function better(view: View, options: PolicyOptions, traffic: Float64Array, why: string): Choice {
  const { scenario, states, target } = view;
  const { rule = DEFAULT_RULE } = options;
  const problem: Problem = {
    devices: states.map(({ device, isUp }) => (isUp ? device : asleep(device))),
    experts: scenario.experts.map((expert, e) => ({ ...expert, rowsPerSecond: traffic[e]! })),
    current: target,
    weights: weightsOf(rule),
    maxLoad: DEFAULT_MAX_LOAD,
    batchRows: scenario.batchRows,
  };
  const found = place(problem, options.seed);
  if ("unplaced" in found || found.moves.length === 0) return null;
  return { plan: found.plan, why };
}

/** A device that is down holds nothing. */
function asleep(device: Device): Device {
  return { ...device, memoryBytes: 1 };
}

function expectAnswers(
  { scenario, states, seconds }: View,
  plan: Plan,
  traffic: Float64Array,
): { readonly meanMs: number; readonly loads: Float64Array } {
  const backlog = new Float64Array(states.length);
  const answers = answerStep({ ...scenario, states, traffic, plan, backlog, seconds });
  let [sum, rows] = [scenario.deadlineMs * answers.failed, answers.failed];
  answers.forEach((ms, weight) => {
    sum += ms * weight;
    rows += weight;
  });
  return { meanMs: rows === 0 ? 0 : sum / rows, loads: answers.loads };
}
