/** The splits of a set condensed to one tally: errors, comparisons, weights, intervals. */
import { holm, mean, standardError } from "../../metrics/index.ts";
import { bestTrees, type Comparison, compareMethods } from "./comparisons.ts";
import { type ConvergenceCheck, checkConvergence } from "./convergence.ts";
import { type SetCoverage, summariseCoverage } from "./intervals.ts";
import type { AccuracyRow } from "./row.ts";
import { kindOfSet, type SetKind } from "./sets.ts";

export interface MeanAndError {
  readonly mean: number;
  /** Standard error over the splits; 0 with one split. */
  readonly se: number;
}

export interface MethodErrors {
  readonly nSplits: number;
  readonly mse: MeanAndError;
  /** Mean and standard error of the root of each split's mse. */
  readonly rmse: MeanAndError;
}

/** A comparison with its p adjusted for testing the same two methods on all sets of the kind. */
export interface AdjustedComparison extends Comparison {
  readonly pHolm: number;
}

export interface SetTally extends ConvergenceCheck {
  readonly set: string;
  readonly kind: SetKind;
  readonly nRows: number;
  readonly nSplits: number;
  /** Of the peers that are made of trees, the best on this set; null if none was run. */
  readonly bestTrees: string | null;
  readonly errors: Readonly<Record<string, MethodErrors>>;
  readonly comparisons: readonly AdjustedComparison[];
  /** A kind of member's mean weight in each committee. */
  readonly weights: Readonly<Record<"nn" | "all", Readonly<Record<string, number>>>>;
  readonly coverage: SetCoverage;
}

type Unadjusted = Omit<SetTally, "comparisons"> & { readonly comparisons: readonly Comparison[] };

/** One tally a set, in the order in which they come. */
export function tallySets(rows: readonly AccuracyRow[]): readonly SetTally[] {
  const sets = [...new Set(rows.map(({ set }) => set))];
  return adjustOverSets(sets.map((set) => tallySet(set, rows)));
}

function tallySet(set: string, all: readonly AccuracyRow[]): Unadjusted {
  const rows = all.filter((row) => row.set === set);
  const { nTrain, nTest } = rows[0]!;
  const testShare = mean(rows.map((row) => row.nTest)) / mean(rows.map((row) => row.nTrain));
  return {
    set,
    kind: kindOfSet(set),
    nRows: nTrain + nTest,
    nSplits: rows.length,
    ...checkConvergence(rows),
    bestTrees: bestTrees(rows),
    errors: errorsOf(rows),
    comparisons: compareMethods(rows, testShare),
    weights: {
      nn: meanWeights(rows.map(({ weights }) => weights.nn)),
      all: meanWeights(rows.map(({ weights }) => weights.all)),
    },
    coverage: summariseCoverage(rows),
  };
}

function errorsOf(rows: readonly AccuracyRow[]): Readonly<Record<string, MethodErrors>> {
  const methods = [...new Set(rows.flatMap(({ mse }) => Object.keys(mse)))];
  const errors = methods.map((method) => {
    const values = rows.map(({ mse }) => mse[method]).filter((value) => Number.isFinite(value));
    const mse = values as readonly number[];
    const of = (own: readonly number[]): MeanAndError => {
      return { mean: mean(own), se: standardError(own) };
    };
    return [method, { nSplits: mse.length, mse: of(mse), rmse: of(mse.map(Math.sqrt)) }] as const;
  });
  return Object.fromEntries(errors.filter(([, { nSplits }]) => nSplits > 0));
}

function meanWeights(
  weights: readonly Readonly<Record<string, number>>[],
): Readonly<Record<string, number>> {
  const kinds = [...new Set(weights.flatMap((own) => Object.keys(own)))];
  return Object.fromEntries(
    kinds.map((kind) => [kind, mean(weights.map((own) => own[kind] ?? 0))]),
  );
}

/** Holm's adjustment over the sets of a kind, for each pair of methods. */
function adjustOverSets(tallies: readonly Unadjusted[]): readonly SetTally[] {
  const families = new Map<string, number[]>();
  const familyOf = (kind: SetKind, { ours, rival }: Comparison): string =>
    `${kind} ${ours} ${rival}`;
  for (const { kind, comparisons } of tallies) {
    for (const comparison of comparisons) {
      const name = familyOf(kind, comparison);
      families.set(name, [...(families.get(name) ?? []), comparison.p]);
    }
  }
  const adjusted = new Map([...families].map(([name, p]) => [name, [...holm(p)]]));
  return tallies.map((tally) => ({
    ...tally,
    comparisons: tally.comparisons.map((comparison) => {
      const pHolm = adjusted.get(familyOf(tally.kind, comparison))!.shift()!;
      return { ...comparison, pHolm };
    }),
  }));
}
