/**
 * What may be asked of rows that stay where they are: sums over them, and nothing else.
 *
 * A query says all that its answer depends on, beside the rows: asked again, it gives the same
 * answer, and who answers keeps no state. An answer is a vector; the answers of several holders of
 * rows are added.
 */
import { matrixWidth, type Preprocessing } from "../../data/index.ts";
import {
  countPrivateSums,
  countRidgeSums,
  type Net,
  type PrivateForm,
} from "../../experts/index.ts";
import type { Mixture } from "../../mixture/index.ts";
import { count, figure } from "../../shared/wording.ts";

/** Columns of numbers, to which the target is added as the last. */
interface NumberQuery {
  readonly names: readonly string[];
}

/** How many values have which size, and how many rows which level: the same for any data. */
export interface BucketsQuery extends NumberQuery {
  readonly kind: "buckets";
  readonly categories: readonly Category[];
}

export interface Category {
  readonly name: string;
  readonly levels: readonly string[];
}

/** How many values lie in each of `BINS` equal parts of a range, below and above it. */
export interface HistogramQuery extends NumberQuery {
  readonly kind: "histogram";
  /** One a column. */
  readonly least: readonly number[];
  readonly most: readonly number[];
}

/** Of the values within a range: how many, and the sums of their distances from a centre. */
export interface MomentsQuery extends NumberQuery {
  readonly kind: "moments";
  /** One a column. */
  readonly least: readonly number[];
  readonly most: readonly number[];
  readonly centres: readonly number[];
  /** Distances are told in these, so that sums of all columns are of like size. */
  readonly units: readonly number[];
}

/** Which rows take part, by a hash of what a row holds: its side does not depend on its place. */
export type Side = "training" | "held-out" | "all";

interface ModelQuery {
  readonly preprocessing: Preprocessing;
  readonly side: Side;
  /** Decides which rows are held out. */
  readonly seed: number;
}

/** What a ridge of each regime is solved from. */
export interface RidgeQuery extends ModelQuery {
  readonly kind: "ridge";
  readonly degree: 1 | 2;
  /** The gate sends each row to one regime; null for one regime of all rows. */
  readonly gate: Net | null;
}

/** Whose a row is: drawn by chance, or by the costs of the experts at a temperature. */
export type Labels =
  | { readonly by: "chance" }
  | { readonly by: "cost"; readonly noise: number; readonly temperature: number };

/** One summed gradient of experts that compete for rows, and of their gate. */
export interface GradientQuery extends ModelQuery {
  readonly kind: "gradient";
  readonly experts: readonly Net[];
  /** null exactly for one expert. */
  readonly gate: Net | null;
  readonly labels: Labels;
  /** Each row takes part with the probability `share`, independent of the others. */
  readonly draw: { readonly share: number; readonly step: number };
}

/** Squared errors of models, in standardised units, and the sums of their products. */
export interface LossesQuery extends ModelQuery {
  readonly kind: "losses";
  readonly mixtures: readonly Mixture[];
}

/** Errors of one model by regime: powers and a histogram. */
export interface ErrorsQuery extends ModelQuery {
  readonly kind: "errors";
  readonly mixture: Mixture;
}

/** Noise is added where the rows are, before anyone else sees the sum. */
interface Noised {
  /** Its standard deviation, in the most that one row can change the sum. */
  readonly noise: number;
}

/** The number of rows, and histograms; one row adds a vector of length 1 at most. */
export interface NoisedHistogramQuery extends NumberQuery, Noised {
  readonly kind: "noised histogram";
  /** One a column. */
  readonly least: readonly number[];
  readonly most: readonly number[];
}

/** What a private ridge is solved from; one row adds a vector of length 1 at most. */
export interface NoisedRidgeQuery extends Noised, Omit<PrivateForm, "nFeatures"> {
  readonly kind: "noised ridge";
  readonly preprocessing: Preprocessing;
}

export type NoisedQuery = NoisedHistogramQuery | NoisedRidgeQuery;

export type Query =
  | NoisedQuery
  | BucketsQuery
  | HistogramQuery
  | MomentsQuery
  | RidgeQuery
  | GradientQuery
  | LossesQuery
  | ErrorsQuery;

/** Adds the answers of all holders of rows. */
export type AskSum = (query: Query) => Promise<Float64Array>;

export const BINS = 512;
/** Of noised histograms: more would have more noise between two quantiles. */
export const NOISED_BINS = 64;
/** Sizes from 2^LEAST_POWER; smaller ones count as 0, larger ones as the largest. */
export const LEAST_POWER = -40;
export const MOST_POWER = 120;
export const N_POWERS: number = MOST_POWER - LEAST_POWER + 1;
/** Negative sizes from the largest, 0, and positive ones. */
export const N_BUCKETS: number = 2 * N_POWERS + 1;
/** Of the histogram of absolute errors, whose bins grow evenly in their logarithms. */
export const ERROR_BINS = 400;
/** Before the histogram of a regime: its rows, and Σe, Σ|e|, Σe², Σe⁴. */
export const ERROR_POWERS = 5;
/** Of values within a range: rows, values, values within, and two powers. */
export const MOMENTS = 5;

/** The length of an answer. */
export function answerLength(query: Query): number {
  switch (query.kind) {
    case "buckets":
      return query.categories.reduce(
        (sum, { levels }) => sum + levels.length + 2,
        (query.names.length + 1) * N_BUCKETS,
      );
    case "histogram":
      return (query.names.length + 1) * (BINS + 2);
    case "moments":
      return (query.names.length + 1) * MOMENTS;
    case "ridge": {
      const form = { nFeatures: matrixWidth(query.preprocessing.features), degree: query.degree };
      return nRegimes(query.gate) * (1 + countRidgeSums(form));
    }
    case "gradient":
      return gradientLayout(query).length;
    case "losses": {
      const n = query.mixtures.length;
      return 3 + n + (n * (n + 1)) / 2;
    }
    case "errors":
      return query.mixture.experts.length * (ERROR_POWERS + ERROR_BINS);
    case "noised histogram":
      return 1 + (query.names.length + 1) * (NOISED_BINS + 2);
    case "noised ridge":
      return countPrivateSums(privateForm(query));
  }
}

/** Whether noise is added to its answer where the rows are. */
export function isNoised(query: Query): query is NoisedQuery {
  return query.kind === "noised histogram" || query.kind === "noised ridge";
}

export function privateForm(query: NoisedRidgeQuery): PrivateForm {
  return { ...query, nFeatures: matrixWidth(query.preprocessing.features) };
}

export function nRegimes(gate: Net | null): number {
  return gate === null ? 1 : gate.sizes.at(-1)!;
}

/** Where an answer to a gradient has what. */
export interface GradientLayout {
  /** Responsibility, squared error by it, and gradient of each expert. */
  readonly experts: readonly { readonly weight: number; readonly from: number }[];
  readonly gate: number;
  readonly length: number;
}

/** Entry 0 is the number of rows. */
export function gradientLayout({
  experts,
  gate,
}: Pick<GradientQuery, "experts" | "gate">): GradientLayout {
  let at = 1;
  const places = experts.map(({ parameters }) => {
    const place = { weight: at, from: at + 2 };
    at += 2 + parameters.length;
    return place;
  });
  return { experts: places, gate: at, length: at + (gate?.parameters.length ?? 0) };
}

/** In words, for whom the rows belong to. */
export function queryInWords(query: Query): string {
  switch (query.kind) {
    case "buckets":
      return `how many values have which size in ${query.names.length + 1} columns`;
    case "histogram":
      return `histograms of ${query.names.length + 1} columns`;
    case "moments":
      return `counts, sums and squares of ${query.names.length + 1} columns`;
    case "ridge":
      return `sums for a ridge of degree ${query.degree}, ${regimesIn(query)}, ${rowsOf(query)}`;
    case "gradient":
      return `a summed gradient of ${count(query.experts.length, "net")}, ${rowsOf(query)}`;
    case "losses":
      return `summed errors of ${count(query.mixtures.length, "model")}, ${rowsOf(query)}`;
    case "errors":
      return `errors of a model by regime, ${rowsOf(query)}`;
    case "noised histogram":
      return query.names.length === 0
        ? `the number of rows with the target's histogram, ${noiseIn(query)}`
        : `histograms of ${query.names.length + 1} columns, ${noiseIn(query)}`;
    case "noised ridge":
      return `sums for a ridge, ${noiseIn(query)}`;
  }
}

function noiseIn({ noise }: Noised): string {
  return `with noise of ${figure(noise)} rows`;
}

function regimesIn({ gate }: RidgeQuery): string {
  return count(nRegimes(gate), "regime");
}

function rowsOf({ side }: ModelQuery): string {
  return side === "all" ? "all rows" : `${side} rows`;
}
