/**
 * The experts of regimes: each on the rows of its regime, without outliers, and of the kind that
 * predicts held-out rows of the regime best: a net that starts from the base net, or a ridge that
 * is linear or quadratic. Trained over a boundary with a jump, an expert would bend
 * (docs/method.md).
 *
 * Answers are bounded by the targets of the expert's rows, so that an expert cannot extrapolate far
 * beyond its region, at an edge or near a boundary.
 */
import {
  countTerms,
  type Expert,
  fitRidge,
  isFiniteNet,
  type Net,
  predictExpert,
  type Samples,
  type TrainTask,
} from "../../experts/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { childSeed } from "../../shared/rng.ts";
import type { Executor } from "../executor.ts";
import type { Range } from "../model.ts";
import type { FitOptions } from "../options.ts";
import { clip, innerFolds, takeSamples, targetRange } from "../samples.ts";
import { specialistTask } from "../specialise.ts";
import { freshNetTask, type NetSettings, regressionShape } from "../train-net.ts";

/** The rows of one regime. */
export interface RegimeRows {
  readonly samples: Samples;
  readonly k: number;
}

export interface ExpertsStart {
  /** The net that experts start from, trained on all samples, and how. */
  readonly base: Net;
  readonly settings: NetSettings;
}

export interface RegimeExperts {
  readonly experts: readonly Expert[];
  /** One an expert, standardised. */
  readonly ranges: readonly Range[];
}

export type ExpertKind = "mlp" | "ridge-1" | "ridge-2";

/** Choices that are made once: each regime's kind of expert, and the noise on held-out rows. */
export interface ExpertChoice {
  readonly kinds: readonly ExpertKind[];
  /** σ², standardised: from the median squared error. */
  readonly variance: number;
}

const FOLDS = 5;
/** A net on trial takes this share of the base net's steps: one law is learnt sooner. */
const TRIAL_SHARE = 0.4;
/** With more rows a single fold is held out. */
const ROWS_FOR_ALL_FOLDS = 300;
/** A regime with fewer rows gets the linear ridge, because no rows can be held out. */
const LEAST_ROWS = 10;
/** A quadratic ridge has this many rows a term at least, and this many terms at most. */
const ROWS_A_TERM = 2;
const MAX_TERMS = 500;
/** Ridges are fitted to this many rows at most: more change nothing. */
const MAX_RIDGE_ROWS = 20_000;
/** The median of squared normal errors, as a share of their variance. */
const MEDIAN_SHARE = 0.4549;
const MIN_VARIANCE = 2e-4;

/** @param parts - One a regime; none empty. */
export async function chooseExpertKinds(
  parts: readonly RegimeRows[],
  settings: NetSettings,
  options: FitOptions,
  executor: Executor,
): Promise<ExpertChoice> {
  const fitting = { settings, options };
  const judged = await Promise.all(parts.map((part) => judgeKinds(part, fitting, executor)));
  const errors = Float64Array.from(judged.flatMap((judgement) => [...judgement.errors])).sort();
  const median = errors.length === 0 ? 0 : errors[errors.length >> 1]!;
  const variance = Math.max(MIN_VARIANCE, median / MEDIAN_SHARE);
  return { kinds: judged.map(({ kind }) => kind), variance };
}

/** @param parts - One a regime, in the order of `kinds`; none empty. @throws EXPERT_DIVERGED. */
export async function fitRegimeExperts(
  parts: readonly RegimeRows[],
  { start, kinds }: { readonly start: ExpertsStart; readonly kinds: readonly ExpertKind[] },
  options: FitOptions,
  executor: Executor,
): Promise<RegimeExperts> {
  const experts = await Promise.all(
    parts.map((part, k) => fitKind(part, { start, kind: kinds[k]! }, options, executor)),
  );
  return { experts, ranges: parts.map(({ samples }) => targetRange(samples.y)) };
}

interface Fitting {
  readonly settings: NetSettings;
  readonly options: FitOptions;
}

interface JudgedKind {
  readonly kind: ExpertKind;
  /** Its squared errors on the rows held out. */
  readonly errors: readonly number[];
}

/** The kind of least squared error on rows held out of the regime's. */
async function judgeKinds(
  { samples, k }: RegimeRows,
  fitting: Fitting,
  executor: Executor,
): Promise<JudgedKind> {
  const nRows = samples.y.length;
  if (nRows < LEAST_ROWS) return { kind: "ridge-1", errors: [] };
  const seed = childSeed(fitting.options.seed, `kinds of expert ${k}`);
  const folds = innerFolds({ ...samples, groups: null }, { folds: FOLDS, seed });
  const used = nRows < ROWS_FOR_ALL_FOLDS ? folds : folds.slice(0, 1);
  const kinds = kindsFor(samples);
  const errors = new Map<ExpertKind, number[]>(kinds.map((kind) => [kind, []]));
  for (const { train, test } of used) {
    const seen = takeSamples(samples, train);
    const unseen = takeSamples(samples, test);
    const range = targetRange(seen.y);
    for (const kind of kinds) {
      const expert = await fitAnew({ samples: seen, k }, kind, fitting, executor);
      const values = predictExpert(executor.engine, expert, unseen.X);
      const kindErrors = errors.get(kind)!;
      for (let i = 0; i < values.length; i++) {
        kindErrors.push((clip(values[i]!, range) - unseen.y[i]!) ** 2);
      }
    }
  }
  const lossOf = (kind: ExpertKind): number => {
    const sum = errors.get(kind)!.reduce((total, error) => total + error, 0);
    return Number.isFinite(sum) ? sum : Number.POSITIVE_INFINITY;
  };
  const kind = kinds.reduce((best, other) => (lossOf(other) < lossOf(best) ? other : best));
  return { kind, errors: errors.get(kind)! };
}

/** The simplest first. */
function kindsFor({ X, y }: Samples): readonly ExpertKind[] {
  const nTerms = countTerms(X.nColumns, 2);
  const quadratic = nTerms <= MAX_TERMS && y.length >= ROWS_A_TERM * nTerms;
  const linear = X.nColumns <= MAX_TERMS;
  return [
    ...(linear ? (["ridge-1"] as const) : []),
    ...(quadratic ? (["ridge-2"] as const) : []),
    "mlp",
  ];
}

/**
 * Like the fit of the final expert, but without the base net, which was trained on the held-out
 * rows.
 */
async function fitAnew(
  { samples, k }: RegimeRows,
  kind: ExpertKind,
  { settings, options }: Fitting,
  executor: Executor,
): Promise<Expert> {
  if (kind !== "mlp") return ridge(samples, kind);
  const weightDecay = Math.max(settings.weightDecay, options.minSpecialistDecay);
  const shape = regressionShape(samples.X.nColumns, options);
  const seed = childSeed(options.seed, `trial of expert ${k}`);
  const steps = Math.ceil(TRIAL_SHARE * settings.steps);
  const task = freshNetTask(samples, shape, { ...settings, weightDecay, steps }, seed);
  return { kind: "mlp", net: await trainOne(samples, task, executor) };
}

async function fitKind(
  { samples, k }: RegimeRows,
  { start, kind }: { readonly start: ExpertsStart; readonly kind: ExpertKind },
  options: FitOptions,
  executor: Executor,
): Promise<Expert> {
  if (kind !== "mlp") return ridge(samples, kind);
  const task = specialistTask(samples, { ...start, k }, options);
  const net = await trainOne(samples, task, executor);
  if (isFiniteNet(net)) return { kind: "mlp", net };
  const message = `expert ${k} must end with finite parameters; a smaller learning rate helps`;
  throw new BailiwickError("EXPERT_DIVERGED", message, { expert: k });
}

function ridge(samples: Samples, kind: Exclude<ExpertKind, "mlp">): Expert {
  const rows = Int32Array.from({ length: Math.min(MAX_RIDGE_ROWS, samples.y.length) }, (_, i) => i);
  return fitRidge(takeSamples(samples, rows), kind === "ridge-1" ? 1 : 2);
}

async function trainOne(samples: Samples, task: TrainTask, executor: Executor): Promise<Net> {
  const [trained] = await executor.train(samples.X, [task]);
  return trained!.net;
}
