/** Is the mixture better than its rivals? A picture and a table of the test errors. */
import { dot, link, text } from "@observablehq/plot";
import type { ExperimentResult, Method } from "../experiments/index.ts";
import {
  capital,
  figure,
  meanAndError,
  pValue,
  reductionInWords,
  shorten,
  tick,
} from "../shared/wording.ts";
import { draw, ROW_MARKS, ROW_WORDS, X_AXIS } from "./draw.ts";
import { figureHtml, type Html, html, tableHtml } from "./html.ts";
import { methodNames, ownName } from "./names.ts";

const ROW_HEIGHT = 40;

export function comparisonSection(result: ExperimentResult): Html {
  const several = result.splits.length > 1;
  const caption = several
    ? "Mean over the splits with one standard error to either side; small dots are single splits."
    : "One split, so there is no standard error to draw.";
  return html`<section>
<h2>The ${ownName(result)} and its rivals</h2>
<div class="comparison">
${figureHtml(comparisonPlot(result), caption)}
${comparisonTable(result)}
</div>
</section>`;
}

function methodsOf({ summary }: ExperimentResult): readonly Method[] {
  return Object.keys(summary.methods) as Method[];
}

function comparisonPlot(result: ExperimentResult): Html {
  const { summary, splits, dataset } = result;
  const names = methodNames(result);
  const rows = methodsOf(result).map((method) => {
    const { mean, se } = summary.methods[method]!.rmse;
    const colour = method === "mixture" ? "var(--accent)" : "currentColor";
    const says = `${names[method]} ${meanAndError({ mean, se })}`;
    return { method, mean, low: mean - se, high: mean + se, colour, says };
  });
  const points = splits.flatMap((split) =>
    rows.map(({ method, colour }) => ({ method, colour, rmse: split.methods[method]!.rmse })),
  );
  const says = rows.map((row) => row.says).join(", ");
  const row = { ...ROW_MARKS, y: "method" } as const;
  const axis = { grid: true, ticks: 5, inset: 8, tickFormat: tick } as const;
  return draw(`Root mean squared error on test rows, lower is better: ${says}.`, {
    height: 50 + ROW_HEIGHT * rows.length,
    marginLeft: 12,
    marginRight: 12,
    x: { ...X_AXIS, label: `RMSE, ${shorten(dataset.target)}`, ...axis },
    y: { type: "band", axis: null, domain: rows.map(({ method }) => method) },
    marks: [
      dot(points, { ...row, x: "rmse", r: 3, fill: "colour", fillOpacity: 0.35 }),
      link(rows, { ...row, x1: "low", x2: "high", stroke: "colour", strokeWidth: 2 }),
      dot(rows, { ...row, x: "mean", r: 5, fill: "colour" }),
      text(rows, { ...ROW_WORDS, y: "method" }),
    ],
  });
}

function comparisonTable(result: ExperimentResult): Html {
  const { summary } = result;
  const names = methodNames(result);
  const subject = ownName(result);
  const costOfSingle = meanOf(result, "single", "cost");
  const rows = methodsOf(result).map((method, m) => {
    const against = summary.comparisons.find(({ rival }) => rival === method);
    const parameters = Math.round(meanOf(result, method, "nParameters"));
    return [
      m === 0 ? html`<b>${names[method]}</b>` : names[method],
      meanAndError(summary.methods[method]!.rmse),
      against === undefined ? "" : reductionInWords(against.reduction),
      against === undefined ? "" : pValue(against.pHolm),
      parameters.toLocaleString("en"),
      `${figure(Number((meanOf(result, method, "cost") / costOfSingle).toPrecision(3)))} ×`,
    ];
  });
  const header = [
    "Method",
    "RMSE ± s.e.",
    `${capital(subject)}’s MSE is`,
    "p (Holm)",
    "Parameters",
    "Training cost",
  ];
  return html`<div>
${tableHtml("Errors on test rows, mean over the splits", header, rows)}
<p class="note">The ${subject}’s squared error is compared with each rival’s; p is by the corrected
resampled t test, adjusted for testing every rival. Training cost is relative to the single net,
tuning left out.</p>
</div>`;
}

function meanOf(
  { splits }: ExperimentResult,
  method: Method,
  measure: "cost" | "nParameters",
): number {
  return splits.reduce((sum, split) => sum + split.methods[method]![measure], 0) / splits.length;
}
