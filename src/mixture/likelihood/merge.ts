/**
 * The merge test: are two regimes one? They are if one law for both predicts held-out rows of
 * either as well as a law of its own does.
 *
 * Rows are cross-fitted in two folds, so that every row is held out once. Squared errors are
 * capped, since the few rows that were given to the wrong regime would otherwise decide.
 */
import { type Samples, type TrainTask, trainCost } from "../../experts/index.ts";
import { mean, standardError } from "../../metrics/index.ts";
import { childSeed, createRng, shuffle } from "../../shared/rng.ts";
import type { Executor } from "../executor.ts";
import { batchSizeFor } from "../options.ts";
import { CLIP_NORM, cosine } from "../train-net.ts";
import { freshLaw, LAW_LEARNING_RATE, LAW_WEIGHT_DECAY, type Laws } from "./climb.ts";

const STEPS = 2500;
/** A squared error counts for at most this many σ². */
const MAX_ERROR = 9;
/** One law may be worse by this factor on either regime, */
const MAX_RATIO = 1.05;
/** and by so many standard errors over the rows of both: a merger has to be earned. */
const MAX_Z = 1;

/** A partition being merged. */
export interface Merging {
  readonly samples: Samples;
  readonly laws: Laws;
  /** Shape (nSamples,), values in [0, nRegimes). */
  readonly labels: Int32Array;
  readonly nRegimes: number;
  /** σ², in standardised units. */
  readonly variance: number;
  readonly seed: number;
}

export interface Merged {
  readonly labels: Int32Array;
  readonly nRegimes: number;
  /** Multiply-adds spent. */
  readonly cost: number;
}

/** Merges the pair that is most surely one regime, until no pair is. */
export async function mergeRegimes(merging: Merging, executor: Executor): Promise<Merged> {
  let groups: readonly (readonly number[])[] = Array.from({ length: merging.nRegimes }, (_, k) => [
    k,
  ]);
  const known = new Map<string, Float64Array>();
  let cost = 0;
  while (groups.length > 1) {
    const pairs = pairsOf(groups);
    cost += await measure(merging, [...groups, ...pairs.map(join)], known, executor);
    const judged = pairs.map((pair) => ({ pair, ...judge(merging, pair, known) }));
    const alike = judged.filter(({ ratio, z }) => ratio <= MAX_RATIO && z <= MAX_Z);
    if (alike.length === 0) break;
    const { pair } = alike.reduce((best, other) => (other.ratio < best.ratio ? other : best));
    groups = [...groups.filter((group) => !pair.includes(group)), join(pair)];
  }
  groups = [...groups].sort((a, b) => a[0]! - b[0]!);
  const place = (label: number): number => groups.findIndex((group) => group.includes(label));
  return { labels: merging.labels.map(place), nRegimes: groups.length, cost };
}

type Group = readonly number[];
type Pair = readonly [Group, Group];

function pairsOf(groups: readonly Group[]): readonly Pair[] {
  return groups.flatMap((a, place) => groups.slice(place + 1).map((b): Pair => [a, b]));
}

function join([a, b]: Pair): Group {
  return [...a, ...b].sort((p, q) => p - q);
}

/** Fills in each group's held-out errors, NaN outside of the group. @returns What it cost. */
async function measure(
  merging: Merging,
  groups: readonly Group[],
  known: Map<string, Float64Array>,
  executor: Executor,
): Promise<number> {
  const { samples, labels, variance, seed } = merging;
  const wanted = groups.filter((group) => !known.has(group.join()));
  const folds = foldsOf(labels, seed);
  const tasks: TrainTask[] = [];
  for (const group of wanted) {
    for (const fold of [0, 1]) {
      const rows = rowsOf(labels, group).filter((i) => folds[i] !== fold);
      const own = childSeed(seed, `merge ${group.join()} ${fold}`);
      tasks.push(lawTask(merging, rows, own));
    }
  }
  const trained = await executor.train(samples.X, tasks);
  wanted.forEach((group, g) => {
    const errors = new Float64Array(labels.length).fill(Number.NaN);
    for (const fold of [0, 1]) {
      const outputs = executor.engine.predict(trained[2 * g + fold]!.net, samples.X);
      for (const i of rowsOf(labels, group)) {
        if (folds[i] !== fold) continue;
        const error = (outputs[i]! - samples.y[i]!) ** 2 / variance;
        errors[i] = Math.min(error, MAX_ERROR);
      }
    }
    known.set(group.join(), errors);
  });
  return tasks.reduce((sum, task) => sum + trainCost(task), 0);
}

/** Fold 0 or 1 of every row: half of each regime's rows, at random. */
function foldsOf(labels: Int32Array, seed: number): Int32Array {
  const order = Int32Array.from(labels.keys());
  shuffle(order, createRng(childSeed(seed, "merge folds")));
  const folds = new Int32Array(labels.length);
  const counts = new Map<number, number>();
  for (const i of order) {
    const count = counts.get(labels[i]!) ?? 0;
    folds[i] = count % 2;
    counts.set(labels[i]!, count + 1);
  }
  return folds;
}

function rowsOf(labels: Int32Array, group: Group): Int32Array {
  return Int32Array.from(labels.keys()).filter((i) => group.includes(labels[i]!));
}

function lawTask({ samples, laws }: Merging, rows: Int32Array, seed: number): TrainTask {
  const settings = {
    steps: STEPS,
    learningRate: LAW_LEARNING_RATE,
    weightDecay: LAW_WEIGHT_DECAY,
  };
  return {
    ...freshLaw(samples.X.nColumns, laws, createRng(childSeed(seed, "parameters"))),
    loss: "squared-error",
    targets: samples.y,
    rows,
    weights: null,
    options: {
      ...cosine(settings, childSeed(seed, "rows")),
      batchSize: batchSizeFor(rows.length),
      clipNorm: CLIP_NORM,
    },
  };
}

/** How much worse one law for both is: the larger ratio of the two, and z over all rows. */
function judge(
  { labels }: Merging,
  pair: Pair,
  known: ReadonlyMap<string, Float64Array>,
): { readonly ratio: number; readonly z: number } {
  const union = known.get(join(pair).join())!;
  const worse: number[] = [];
  const ratios = pair.map((group) => {
    const own = known.get(group.join())!;
    const rows = [...rowsOf(labels, group)];
    for (const i of rows) worse.push(union[i]! - own[i]!);
    return mean(rows.map((i) => union[i]!)) / mean(rows.map((i) => own[i]!));
  });
  return { ratio: Math.max(...ratios), z: mean(worse) / standardError(worse) };
}
