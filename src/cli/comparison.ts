/** A run's result as text for a terminal. */
import type { ExperimentResult } from "../experiments/index.ts";
import { methodNames, ownName } from "../reports/index.ts";
import { figure } from "../shared/wording.ts";
import { formatTable } from "./output.ts";

/** The comparison table, the experts and the verdict. */
export function renderComparison(result: ExperimentResult): string {
  const { dataset, splits, verdict } = result;
  return [
    `${result.name}: ${dataset.target} of ${dataset.name}, ${dataset.nRows} rows, ` +
      `${dataset.nFeatures} features, ${splits.length} splits`,
    "",
    formatTable(
      ["method", "rmse", "± s.e.", "mse", ownName(result), "p (Holm)", "s"],
      rowsOf(result),
    ),
    "",
    ...membersOf(result),
    `partitioning: ${verdict.partitioning}`,
    `  ${verdict.why}`,
  ].join("\n");
}

/** The experts of a mixture, or the weight of each kind in a committee. */
function membersOf({ splits }: ExperimentResult): readonly string[] {
  const committees = splits.flatMap(({ committee }) => committee ?? []);
  const [first] = committees;
  if (first === undefined) {
    return [`experts chosen by split: ${splits.map(({ nExperts }) => nExperts).join(", ")}`];
  }
  return first.kinds.map(({ kind }) => {
    const weights = committees.map(({ kinds }) => {
      return figure(kinds.find((entry) => entry.kind === kind)?.weight ?? 0);
    });
    return `weight of ${kind} by split: ${weights.join(", ")}`;
  });
}

function rowsOf(result: ExperimentResult): string[][] {
  const { summary } = result;
  const names = new Map(Object.entries(methodNames(result)));
  return Object.entries(summary.methods).map(([method, { rmse, mse, fitMs }]) => {
    const comparison = summary.comparisons.find(({ rival }) => rival === method);
    return [
      names.get(method) ?? method,
      figure(rmse.mean),
      figure(rmse.se),
      figure(mse.mean),
      comparison === undefined ? "" : `${signed(-100 * comparison.reduction)} %`,
      comparison === undefined ? "" : comparison.pHolm.toFixed(3),
      (fitMs.mean / 1000).toFixed(1),
    ];
  });
}

/** How the mixture's error compares with a rival's: "−12.3" is 12.3 % lower. */
function signed(percent: number): string {
  const text = Math.abs(percent).toFixed(1);
  if (text === "0.0") return "0.0";
  return percent < 0 ? `−${text}` : `+${text}`;
}
