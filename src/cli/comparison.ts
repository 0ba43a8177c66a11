/** A run's result as a person reads it in a terminal. */
import type { ExperimentResult, Method } from "../experiments/index.ts";
import { METHOD_NAMES } from "../reports/index.ts";
import { figure } from "../shared/wording.ts";
import { formatTable } from "./output.ts";

/** The comparison table, the experts and the verdict. */
export function renderComparison(result: ExperimentResult): string {
  const { dataset, splits, verdict } = result;
  const experts = splits.map(({ nExperts }) => nExperts).join(", ");
  return [
    `${result.name}: ${dataset.target} of ${dataset.name}, ${dataset.nRows} rows, ` +
      `${dataset.nFeatures} features, ${splits.length} splits`,
    "",
    formatTable(["method", "rmse", "± s.e.", "mse", "mixture", "p (Holm)", "s"], rowsOf(result)),
    "",
    `experts chosen by split: ${experts}`,
    `partitioning: ${verdict.partitioning}`,
    `  ${verdict.why}`,
  ].join("\n");
}

function rowsOf({ summary }: ExperimentResult): string[][] {
  return Object.entries(summary.methods).map(([method, { rmse, mse, fitMs }]) => {
    const comparison = summary.comparisons.find(({ rival }) => rival === method);
    return [
      METHOD_NAMES[method as Method],
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
