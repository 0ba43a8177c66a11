/**
 * The mixture against its baselines over many data sets, one experiment a set.
 *
 * A set's published splits are used where it has them, five folds otherwise. Over the sets, p
 * values are adjusted for testing them all (Holm 1979), rival by rival.
 */
import { openData } from "../data/index.ts";
import {
  type ExperimentResult,
  METHODS,
  type Method,
  parseConfig,
  runExperiment,
} from "../experiments/index.ts";
import { holm } from "../metrics/index.ts";
import type { Executor, TuningOptions } from "../mixture/index.ts";
import { type Progress, within } from "../shared/progress.ts";
import { type BenchDocument, benchDocument, judgeFigure } from "./figures.ts";

export interface AccuracyOptions {
  readonly sets: readonly string[];
  /** Splits of a set at most. */
  readonly nSplits: number;
  readonly tuning: Pick<TuningOptions, "steps" | "extendTo">;
  readonly seed: number;
  readonly mirror?: string | undefined;
  readonly command: string;
  /** Sets that an earlier run finished: not run again. */
  readonly finished: readonly ExperimentResult[];
  /** Told of every set when it is finished. */
  readonly onFinished: (result: ExperimentResult) => Promise<void>;
}

/** One rival on one set. */
export interface SetComparison {
  readonly rival: Method;
  /** Mixture's mean mse ÷ the rival's: below 1 where the mixture is better. */
  readonly ratio: number;
  readonly p: number;
  /** Adjusted over the sets. */
  readonly pHolm: number;
}

export interface SetRow {
  readonly result: Omit<ExperimentResult, "bundleDigest" | "config">;
  readonly comparisons: readonly SetComparison[];
}

export interface AccuracyMeasurements {
  readonly sets: readonly SetRow[];
}

const SIGNIFICANCE = 0.05;

/** Runs every set and compares. Cost: minutes to hours; progress names the set. */
export async function benchAccuracy(
  options: AccuracyOptions,
  executor: Executor,
  progress: Progress,
): Promise<BenchDocument<AccuracyMeasurements>> {
  const results: ExperimentResult[] = [];
  for (const [place, set] of options.sets.entries()) {
    const report = within(progress, place / options.sets.length, (place + 1) / options.sets.length);
    const known = options.finished.find(({ name }) => name === set);
    const naming: Progress = (stage, part) => report(`${set}: ${stage}`, part);
    const result = known ?? (await runSet(set, options, executor, naming));
    if (known === undefined) await options.onFinished(result);
    results.push(result);
  }
  const sets = compareSets(results);
  return benchDocument({
    bench: "accuracy",
    command: options.command,
    versions: {},
    measurements: { sets },
    figures: figuresOf(sets),
  });
}

async function runSet(
  set: string,
  { nSplits, tuning, seed, mirror }: AccuracyOptions,
  executor: Executor,
  progress: Progress,
): Promise<ExperimentResult> {
  const { dataset } = await openData(set, { mirror });
  const published = dataset?.splits ?? null;
  const protocol =
    published === null
      ? { kind: "k-fold", folds: nSplits }
      : { kind: "published", splits: Array.from({ length: nSplits }, (_, split) => split) };
  const config = parseConfig({ name: set, data: set, protocol, seed, tuning });
  const outcome = await runExperiment(config, { executor, progress, mirror, baseFolder: "." });
  return outcome.result;
}

function compareSets(results: readonly ExperimentResult[]): readonly SetRow[] {
  const rivals = METHODS.filter((method) => method !== "mixture");
  const adjusted = new Map(
    rivals.map((rival) => [rival, holm(results.map((result) => pOf(result, rival)))] as const),
  );
  return results.map(({ bundleDigest: _digest, config: _config, ...result }, s) => ({
    result,
    comparisons: rivals.map((rival) => ({
      rival,
      ratio: 1 - comparisonWith(result, rival).reduction,
      p: comparisonWith(result, rival).p,
      pHolm: adjusted.get(rival)![s]!,
    })),
  }));
}

function pOf(result: ExperimentResult, rival: Method): number {
  return comparisonWith(result, rival).p;
}

function comparisonWith(
  { summary }: Pick<ExperimentResult, "summary">,
  rival: Method,
): ExperimentResult["summary"]["comparisons"][number] {
  return summary.comparisons.find((comparison) => comparison.rival === rival)!;
}

function figuresOf(sets: readonly SetRow[]): BenchDocument["figures"] {
  const single = sets.map(({ comparisons }) => comparisons.find((c) => c.rival === "single")!);
  const worse = single.filter(({ ratio, pHolm }) => ratio > 1 && pHolm < SIGNIFICANCE).length;
  const gm = Math.exp(single.reduce((sum, { ratio }) => sum + Math.log(ratio), 0) / sets.length);
  return [
    judgeFigure(
      { name: "acc.sets", value: sets.length, unit: "sets", how: "data sets in this run" },
      { atLeast: 1 },
    ),
    judgeFigure(
      {
        name: "acc.mixture-significantly-worse",
        value: worse,
        unit: "sets",
        how: "sets where the mixture's mse is above the single net's with Holm-adjusted p < .05",
      },
      { atMost: 0 },
    ),
    judgeFigure(
      {
        name: "acc.mixture-vs-single.gm",
        value: gm,
        unit: "ratio",
        how: "geometric mean over sets of the mixture's mse ÷ the single net's",
      },
      { atMost: 1 },
    ),
  ];
}
