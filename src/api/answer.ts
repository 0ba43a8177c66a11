/** Predictions with the route of each row, and parts of them. */
import type { Intervals, Prediction, Route } from "../mixture/index.ts";
import type { Matrix } from "../shared/matrix.ts";

export interface RoutedPrediction extends Prediction {
  /** True if an expert could not answer and others stood in for it. */
  readonly degraded: boolean;
}

/** An answer with the preprocessed rows that it answers. */
export interface AnsweredRows extends RoutedPrediction {
  readonly X: Matrix;
  /** null if not asked for. NaN where experts stood in for others: their errors are not known. */
  readonly intervals: Intervals | null;
}

/** The intervals of a model's predictions, at the level of one request. */
export type IntervalTeller = (prediction: Prediction) => Intervals;

/**
 * Property by property: a spread with a property more makes V8 a hidden class every time, and
 * memory grows until they are collected.
 */
export function answeredRows(
  answer: RoutedPrediction,
  X: Matrix,
  intervalsOf: IntervalTeller | null,
): AnsweredRows {
  const { values, routes, degraded } = answer;
  const intervals = intervalsOf === null ? null : tellIntervals(answer, intervalsOf);
  return { values, routes, degraded, X, intervals };
}

function tellIntervals(answer: RoutedPrediction, intervalsOf: IntervalTeller): Intervals {
  if (!answer.degraded) return intervalsOf(answer);
  const unknown = new Float64Array(answer.values.length).fill(Number.NaN);
  return { lower: unknown, upper: unknown };
}

/** Rows `start` to `end` − 1, as views. */
export function partOf(answer: RoutedPrediction, start: number, end: number): RoutedPrediction {
  return {
    values: answer.values.subarray(start, end),
    routes: answer.routes.map(({ nExperts, scores, experts }) => ({
      nExperts,
      scores: scores.subarray(start * nExperts, end * nExperts),
      experts: experts.subarray(start, end),
    })),
    degraded: answer.degraded,
  };
}

/** Answers under each other. At least one, all of one model. */
export function joinAnswers(answers: readonly RoutedPrediction[]): RoutedPrediction {
  const first = answers[0]!;
  return {
    values: joinDoubles(answers.map(({ values }) => values)),
    routes: first.routes.map(({ nExperts }, m) => ({
      nExperts,
      scores: joinDoubles(answers.map(({ routes }) => routes[m]!.scores)),
      experts: Int32Array.from(answers.flatMap(({ routes }) => [...routes[m]!.experts])),
    })),
    degraded: answers.some(({ degraded }) => degraded),
  };
}

function joinDoubles(parts: readonly Float64Array[]): Float64Array {
  const joined = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** The gate's score for the expert that each row is routed to. Shape (nRows,). */
export function topScores({ scores, experts, nExperts }: Route): Float64Array {
  return Float64Array.from(experts, (k, i) => scores[i * nExperts + k]!);
}
