/** From a run's splits to its summary: means with standard errors, comparisons, the verdict. */
import { correctedPairedTest, holm, mean, standardError } from "../metrics/index.ts";
import { judgeCommittee, judgePartitioning, type Verdict } from "../mixture/index.ts";
import { METHODS, type Method } from "./config.ts";
import type {
  Comparison,
  ExperimentResult,
  MeanAndError,
  MethodResult,
  MethodSummary,
  SplitResult,
} from "./result.ts";

type Measure = "mse" | "rmse" | "mae" | "fitMs";

/** @param splits - At least one; all with the same methods. */
export function summarise(
  splits: readonly SplitResult[],
): Pick<ExperimentResult, "summary" | "verdict"> {
  const methods = METHODS.filter((method) => splits[0]!.methods[method] !== undefined);
  const comparisons = compareWithRivals(
    splits,
    methods.filter((method) => method !== "mixture"),
  );
  const rival = meanOf(splits, "single") <= meanOf(splits, "equalCost") ? "single" : "equalCost";
  const against = comparisons.find((comparison) => comparison.rival === rival)!;
  return {
    summary: {
      methods: Object.fromEntries(methods.map((method) => [method, summaryOf(splits, method)])),
      reduction: against.reduction,
      pairedTest: { rival, p: against.p },
      comparisons,
    },
    verdict: verdictOf(splits),
  };
}

/** Losses of one method, one a split. */
function valuesOf(splits: readonly SplitResult[], method: Method, measure: Measure): number[] {
  return splits.map((split) => resultOf(split, method)[measure]);
}

function resultOf(split: SplitResult, method: Method): MethodResult {
  const result = split.methods[method];
  if (result === undefined) throw new TypeError(`split ${split.split} has no result of ${method}`);
  return result;
}

function meanOf(splits: readonly SplitResult[], method: Method): number {
  return mean(valuesOf(splits, method, "mse"));
}

function summaryOf(splits: readonly SplitResult[], method: Method): MethodSummary {
  const summary = (measure: Measure): MeanAndError => {
    const values = valuesOf(splits, method, measure);
    return { mean: mean(values), se: standardError(values) };
  };
  return {
    mse: summary("mse"),
    rmse: summary("rmse"),
    mae: summary("mae"),
    fitMs: summary("fitMs"),
  };
}

function compareWithRivals(
  splits: readonly SplitResult[],
  rivals: readonly Method[],
): readonly Comparison[] {
  const mixtureMse = valuesOf(splits, "mixture", "mse");
  const testShare = testShareOf(splits);
  const tests = rivals.map((rival) =>
    correctedPairedTest(mixtureMse, valuesOf(splits, rival, "mse"), testShare),
  );
  const adjusted = holm(tests.map(({ p }) => p));
  return rivals.map((rival, r) => ({
    rival,
    reduction: 1 - mean(mixtureMse) / meanOf(splits, rival),
    p: tests[r]!.p,
    pHolm: adjusted[r]!,
  }));
}

function verdictOf(splits: readonly SplitResult[]): Verdict {
  const losses = {
    mixture: valuesOf(splits, "mixture", "mse"),
    single: valuesOf(splits, "single", "mse"),
    equalCost: valuesOf(splits, "equalCost", "mse"),
  };
  const testShare = testShareOf(splits);
  const committees = splits.flatMap(({ committee }) => committee ?? []);
  if (committees.length > 0) {
    const mixtures = {
      weight: mean(committees.map((committee) => committee.partitionedWeight)),
      whole: committees.map(({ heldOutMse }) => heldOutMse),
      undivided: committees.map(({ undividedMse }) => undividedMse),
    };
    return judgeCommittee(losses, { testShare, mixtures });
  }
  const maxExperts = Math.max(...splits.map(({ nExperts }) => nExperts));
  return judgePartitioning(losses, { testShare, maxExperts });
}

function testShareOf(splits: readonly SplitResult[]): number {
  return mean(splits.map(({ nTrain, nTest }) => nTest / nTrain));
}
