/**
 * The predictive rule's numbers, tuned on some scenarios and judged on others.
 *
 * Quick rules are good where traffic is calm, and bad where it is noise: some scenarios of the
 * training are played with more noise than they have. A candidate is as good as its mean latencies,
 * each ÷ that of the rule without tuning: their geometric mean, and more where one became slower.
 */
import { BailiwickError } from "../../shared/errors.ts";
import type { Progress } from "../../shared/progress.ts";
import { childSeed, createRng, shuffle } from "../../shared/rng.ts";
import { geometricMean } from "../../shared/statistics.ts";
import { DEFAULT_MAX_LOAD, notPlacedInWords, type Plan, place } from "../placement/index.ts";
import { drawTrace, hourOf, type Scenario, simulate, type Trace } from "../simulation/index.ts";
import { evolve } from "./evolve.ts";
import { createPredictive, type Foresight } from "./policies.ts";
import { DEFAULT_RULE, RULE_NAMES, RULE_RANGES, type Rule, ruleOf, weightsOf } from "./rule.ts";

/** Mean latencies in a scenario that the rule was not tuned on, in milliseconds. */
export interface Judged {
  readonly scenario: string;
  /** By the rule without tuning. */
  readonly predictive: number;
  readonly tuned: number;
  /** By the tuned rule, if it knew the traffic until it is asked again. */
  readonly clairvoyant: number;
}

export interface Tuning {
  readonly rule: Rule;
  readonly trainedOn: readonly string[];
  /** On the scenarios of the training, tuned ÷ untuned, as candidates are compared. */
  readonly trained: number;
  readonly judged: readonly Judged[];
}

const EVOLUTION = { generations: 6, children: 5, parents: 2, step: 0.2, shrink: 0.85 } as const;
/** A scenario that becomes slower by more than this counts against a candidate. */
const MOST_SLOWER = 1.01;
/** Scenarios of the training are played with at least this noise, by turns. */
const NOISES = [0, 0.25, 0.5] as const;
/** Digits of a number of the rule. */
const DIGITS = 3;

/**
 * Scenarios are shuffled; the first half, rounded up, is for training.
 *
 * @throws INVALID_OPTION for fewer than two scenarios; PLAN_INFEASIBLE. Cost: up to an hour.
 */
export function tunePolicy(scenarios: readonly Scenario[], seed: number, report: Progress): Tuning {
  const { train, heldOut } = divide(scenarios, seed);
  const nRuns = train.length * (1 + EVOLUTION.generations * EVOLUTION.children);
  let nDone = 0;
  const played = train.map((given, i) => {
    const noise = Math.max(given.noise, NOISES[i % NOISES.length]!);
    const scenario = { ...given, noise };
    const stage = { scenario, trace: drawTrace(scenario), first: firstPlan(scenario, seed) };
    report("the rule without tuning", nDone++ / nRuns);
    return { ...stage, usual: meanMs(stage, DEFAULT_RULE, seed) };
  });
  let least = 1;
  const scoreOf = (point: Float64Array): number => {
    const rule = ruleAt(point);
    const ratios = played.map(({ usual, ...stage }) => {
      report(`${train.length} scenarios · best ${least.toFixed(3)}`, nDone++ / nRuns);
      return meanMs(stage, rule, seed) / usual;
    });
    const score = geometricMean(ratios) * Math.max(1, Math.max(...ratios) / MOST_SLOWER);
    least = Math.min(least, score);
    return score;
  };
  const start = { point: pointOf(DEFAULT_RULE), score: 1 };
  const { point, score } = evolve(start, scoreOf, { ...EVOLUTION, seed });
  const rule = score < 1 ? ruleAt(point) : DEFAULT_RULE;
  const judged = heldOut.map((scenario) => judge(scenario, rule, seed));
  return { rule, trainedOn: train.map(({ name }) => name), trained: score, judged };
}

/** The same seed divides the same names in the same way. */
function divide(
  scenarios: readonly Scenario[],
  seed: number,
): { readonly train: readonly Scenario[]; readonly heldOut: readonly Scenario[] } {
  if (scenarios.length < 2) {
    const message = `--tune needs two scenarios, one to train on, got ${scenarios.length}`;
    throw new BailiwickError("INVALID_OPTION", message);
  }
  const sorted = [...scenarios].sort((a, b) => (a.name < b.name ? -1 : 1));
  const order = [...sorted.keys()];
  shuffle(order, createRng(childSeed(seed, "held-out scenarios")));
  const take = (places: readonly number[]) => places.map((place) => sorted[place]!);
  const half = Math.ceil(order.length / 2);
  return { train: take(order.slice(0, half)), heldOut: take(order.slice(half)) };
}

/** A rule against the one without tuning, and against knowing what comes. */
export function judge(scenario: Scenario, rule: Rule, seed: number): Judged {
  const stage = { scenario, trace: drawTrace(scenario), first: firstPlan(scenario, seed) };
  return {
    scenario: scenario.name,
    predictive: meanMs(stage, DEFAULT_RULE, seed),
    tuned: meanMs(stage, rule, seed),
    clairvoyant: meanMs(stage, rule, seed, knowing(stage, rule)),
  };
}

/**
 * For the mean traffic, with all devices up.
 *
 * @throws PLAN_INFEASIBLE if there is none.
 */
export function firstPlan({ devices, experts, batchRows }: Scenario, seed: number): Plan {
  const given = { weights: weightsOf(DEFAULT_RULE), maxLoad: DEFAULT_MAX_LOAD, batchRows };
  const placed = place({ devices, experts, current: null, ...given }, seed);
  if ("plan" in placed) return placed.plan;
  const { expert } = placed.unplaced;
  throw new BailiwickError("PLAN_INFEASIBLE", notPlacedInWords(placed), { expert });
}

interface Stage {
  readonly scenario: Scenario;
  readonly trace: Trace;
  readonly first: Plan;
}

function meanMs(
  { scenario, trace, first }: Stage,
  rule: Rule,
  seed: number,
  foresight?: Foresight,
): number {
  return simulate(scenario, createPredictive({ seed, rule }, foresight), first, trace).mean;
}

/** The mean traffic as far ahead as the rule looks. */
function knowing({ scenario, trace }: Stage, { ahead }: Rule): Foresight {
  const n = scenario.experts.length;
  return {
    expect({ hour, seconds }) {
      const from = Math.round(hour / hourOf(scenario, 1));
      const nAhead = Math.max(1, Math.round((ahead * seconds) / scenario.stepSeconds));
      const until = Math.min(trace.nSteps, from + nAhead);
      const mean = new Float64Array(n);
      for (let at = from * n; at < until * n; at++) {
        mean[at % n]! += trace.traffic[at]! / (until - from);
      }
      return mean;
    },
    error: () => 0,
  };
}

/** Between each number's least and most, in logarithms unless it may be 0. */
function ruleAt(point: Float64Array): Rule {
  return ruleOf(({ least, most }, name) => {
    const at = point[RULE_NAMES.indexOf(name)]!;
    const value = least === 0 ? most * at : least * (most / least) ** at;
    return name === "persistence" ? Math.round(value) : Number(value.toPrecision(DIGITS));
  });
}

function pointOf(rule: Rule): Float64Array {
  return Float64Array.from(RULE_NAMES, (name) => {
    const { least, most } = RULE_RANGES[name];
    if (least === 0) return rule[name] / most;
    return Math.log(rule[name] / least) / Math.log(most / least);
  });
}
