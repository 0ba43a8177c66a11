/**
 * The merge test: two regimes are one if one law for both predicts held-out rows of either as well
 * as a separate law.
 *
 * Rows are cross-fitted in two folds, so that every row is held out once, and a law is the best of
 * a net and ridges, as a regime's final expert is. Squared errors are capped, since the few rows
 * that were given to the wrong regime would otherwise decide. Pieces that touch are asked for less
 * than pieces far apart: a smooth law that was cut in two costs little to cut. A net can follow two
 * unrelated laws in two far pieces, so one net for both must gain from the rows of either; a ridge
 * cannot, and must only lose nothing.
 */
import {
  countTerms,
  fitRidge,
  predictExpert,
  type Samples,
  type TrainTask,
  trainCost,
} from "../../experts/index.ts";
import { mean, standardError } from "../../metrics/index.ts";
import { takeRows } from "../../shared/matrix.ts";
import { childSeed, createRng, shuffle } from "../../shared/rng.ts";
import type { Executor } from "../executor.ts";
import { batchSizeFor } from "../options.ts";
import { takeSamples } from "../samples.ts";
import { CLIP_NORM, cosine } from "../train-net.ts";
import { touchOf } from "./contacts.ts";
import { freshLaw, LAW_LEARNING_RATE, LAW_WEIGHT_DECAY, type Laws } from "./laws.ts";

const STEPS = 2500;
/** A squared error counts for at most this many σ². */
const MAX_ERROR = 9;

/** The loss that one law for two regimes may have. */
interface Allowance {
  /** The factor by which it is worse on either regime. */
  readonly ratio: number;
  /** The same over the rows of both, in standard errors. */
  readonly z: number;
}
const TOUCHING: Allowance = { ratio: 1.1, z: 1.5 };
const FAR: Allowance = { ratio: 1.05, z: 0 };
const FAR_RIGID: Allowance = { ratio: 1.05, z: 1.5 };
/** A ridge has this many rows a term at least, and this many terms at most. */
const ROWS_A_TERM = 10;
const MAX_TERMS = 100;

/** A partition being merged. */
export interface Merging {
  readonly samples: Samples;
  readonly laws: Laws;
  /** Shape (nSamples,), values in [0, nRegimes). */
  readonly labels: Int32Array;
  readonly nRegimes: number;
  /** The nearest rows of every row. */
  readonly neighbours: readonly Int32Array[];
  /** 0 for rows that neither train nor count. Shape (nSamples,). */
  readonly inliers: Uint8Array;
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

type Group = readonly number[];
type Pair = readonly [Group, Group];
interface LawErrors {
  /** Capped squared errors of rows held out, in σ²; NaN outside of the group. */
  readonly errors: Float64Array;
  /** Whether the law is a ridge. */
  readonly isRigid: boolean;
}
/** Those of each group's best law, by group. */
type Errors = Map<string, LawErrors>;

/** Merges the pair that is most likely one regime, repeatedly; touching pairs first. */
export async function mergeRegimes(merging: Merging, executor: Executor): Promise<Merged> {
  const { labels, nRegimes } = merging;
  const touches = touchOf(merging.neighbours, labels, nRegimes);
  const errors: Errors = new Map();
  let groups: readonly Group[] = Array.from({ length: nRegimes }, (_, k) => [k]);
  let cost = 0;
  for (const touching of [true, false]) {
    const allowanceOf = (union: LawErrors): Allowance =>
      touching ? TOUCHING : union.isRigid ? FAR_RIGID : FAR;
    while (groups.length > 1) {
      const pairs = pairsOf(groups).filter(([a, b]) => touches(a, b) === touching);
      cost += await measure(merging, [...pairs.flat(), ...pairs.map(join)], errors, executor);
      const pair = mostAlike(merging, pairs, errors, allowanceOf);
      if (pair === null) break;
      groups = [...groups.filter((group) => !pair.includes(group)), join(pair)];
    }
  }
  groups = [...groups].sort((a, b) => a[0]! - b[0]!);
  const place = (label: number): number => groups.findIndex((group) => group.includes(label));
  return { labels: labels.map(place), nRegimes: groups.length, cost };
}

function pairsOf(groups: readonly Group[]): readonly Pair[] {
  return groups.flatMap((a, place) => groups.slice(place + 1).map((b): Pair => [a, b]));
}

function join([a, b]: Pair): Group {
  return [...a, ...b].sort((p, q) => p - q);
}

/** Fills in the errors that are not there yet. Modifies `errors`. @returns The multiply-adds. */
async function measure(
  merging: Merging,
  groups: readonly Group[],
  errors: Errors,
  executor: Executor,
): Promise<number> {
  const { samples, labels, seed } = merging;
  const names = new Set(groups.map((group) => group.join()));
  const wanted = [...names].filter((name) => !errors.has(name)).map((name) => name.split(","));
  const lists = wanted.map((parts) => parts.map(Number));
  const folds = foldsOf(labels, seed);
  const parts = lists.flatMap((group) => [0, 1].map((fold) => partOf(merging, group, folds, fold)));
  const tasks = parts.map(({ train, name }) =>
    lawTask(merging, train, childSeed(seed, `merge ${name}`)),
  );
  const trained = await executor.train(samples.X, tasks);
  lists.forEach((group, g) => {
    const foldParts = [0, 1].map((fold) => parts[2 * g + fold]!);
    const nets = foldParts.map((part, fold) => {
      const { net } = trained[2 * g + fold]!;
      return executor.engine.predict(net, takeRows(samples.X, part.held));
    });
    const laws = [
      { errors: errorsOf(merging, foldParts, nets), isRigid: false },
      ...ridgeDegrees(merging, foldParts).map((degree) => {
        const answers = foldParts.map((part) => answersOfRidge(merging, part, degree, executor));
        return { errors: errorsOf(merging, foldParts, answers), isRigid: true };
      }),
    ];
    errors.set(group.join(), leastErrors(merging, group, laws));
  });
  return tasks.reduce((sum, task) => sum + trainCost(task), 0);
}

/** One fold of a group: rows that its laws learn, and rows held out. */
interface Part {
  readonly name: string;
  readonly train: Int32Array;
  readonly held: Int32Array;
}

function partOf(merging: Merging, group: Group, folds: Int32Array, fold: number): Part {
  const rows = rowsOf(merging, group);
  return {
    name: `${group.join()} ${fold}`,
    train: rows.filter((i) => folds[i] !== fold && merging.inliers[i] === 1),
    held: rows.filter((i) => folds[i] === fold),
  };
}

/** The degrees of ridges for which there are rows enough. */
function ridgeDegrees({ samples }: Merging, parts: readonly Part[]): readonly (1 | 2)[] {
  const nRows = Math.min(...parts.map(({ train }) => train.length));
  return ([1, 2] as const).filter((degree) => {
    const nTerms = countTerms(samples.X.nColumns, degree);
    return nTerms <= MAX_TERMS && nRows >= ROWS_A_TERM * nTerms;
  });
}

function answersOfRidge(
  { samples }: Merging,
  { train, held }: Part,
  degree: 1 | 2,
  { engine }: Executor,
): ArrayLike<number> {
  const law = fitRidge(takeSamples(samples, train), degree);
  return predictExpert(engine, law, takeRows(samples.X, held));
}

/** @param answers - Of the rows that each part holds out, in their order. */
function errorsOf(
  { samples, variance }: Merging,
  parts: readonly Part[],
  answers: readonly ArrayLike<number>[],
): Float64Array {
  const errors = new Float64Array(samples.y.length).fill(Number.NaN);
  parts.forEach(({ held }, fold) => {
    held.forEach((i, place) => {
      const error = answers[fold]![place]! - samples.y[i]!;
      errors[i] = Math.min(error ** 2 / variance, MAX_ERROR);
    });
  });
  return errors;
}

function leastErrors(merging: Merging, group: Group, laws: readonly LawErrors[]): LawErrors {
  const rows = rowsOf(merging, group).filter((i) => merging.inliers[i] === 1);
  const lossOf = ({ errors }: LawErrors): number => rows.reduce((sum, i) => sum + errors[i]!, 0);
  return laws.reduce((best, law) => (lossOf(law) < lossOf(best) ? law : best));
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

function rowsOf({ labels }: Merging, group: Group): Int32Array {
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

/** Of the pairs within the allowance, the one that loses least; null if none is. */
function mostAlike(
  merging: Merging,
  pairs: readonly Pair[],
  errors: Errors,
  allowanceOf: (union: LawErrors) => Allowance,
): Pair | null {
  const alike = pairs
    .map((pair) => ({ pair, ...judge(merging, pair, errors) }))
    .filter(({ pair, ratio, z }) => {
      const allowance = allowanceOf(errors.get(join(pair).join())!);
      return ratio <= allowance.ratio && z <= allowance.z;
    });
  if (alike.length === 0) return null;
  return alike.reduce((best, other) => (other.z < best.z ? other : best)).pair;
}

/** How much worse one law for both is: the larger ratio of the two, and z over all rows. */
function judge(
  merging: Merging,
  pair: Pair,
  errors: Errors,
): { readonly ratio: number; readonly z: number } {
  const { errors: union } = errors.get(join(pair).join())!;
  const worse: number[] = [];
  const ratios = pair.map((group) => {
    const { errors: own } = errors.get(group.join())!;
    const rows = [...rowsOf(merging, group)].filter((i) => merging.inliers[i] === 1);
    for (const i of rows) worse.push(union[i]! - own[i]!);
    return mean(rows.map((i) => union[i]!)) / mean(rows.map((i) => own[i]!));
  });
  return { ratio: Math.max(...ratios), z: mean(worse) / standardError(worse) };
}
