/** A run as one HTML page that needs nothing but itself. */
import type { ExperimentResult, Method, SplitPredictions } from "../experiments/index.ts";
import type { RoundRecord } from "../mixture/index.ts";
import { escapeHtml, figureHtml, htmlDocument, htmlTable } from "./html.ts";
import { figure, METHOD_NAMES, percent } from "./names.ts";
import { candidatesPlot, comparisonPlot, expertPlot, roundsPlot, scatterPlot } from "./plots.ts";

/**
 * @param predictions - Of every split, on its test rows.
 * @param rounds - The competition of the model that was kept; empty if it is one net.
 */
export function renderReport(
  result: ExperimentResult,
  predictions: readonly SplitPredictions[],
  rounds: readonly RoundRecord[],
): string {
  const sections = [
    headSection(result),
    comparisonSection(result),
    scatterSection(result, predictions),
    expertSection(result),
    rounds.length === 0 ? "" : roundsSection(rounds),
    candidatesSection(result),
    originSection(result),
  ];
  return htmlDocument(`${result.name}: ${result.dataset.target}`, sections.join("\n"));
}

function headSection({ name, dataset, splits, verdict }: ExperimentResult): string {
  const lead =
    `${dataset.target} of ${dataset.name}: ${dataset.nRows} rows, ${dataset.nFeatures} features, ` +
    `${splits.length} ${splits.length === 1 ? "split" : "splits"}`;
  return `<h1>${escapeHtml(name)}</h1>
<p class="lead">${escapeHtml(lead)}</p>
<p class="verdict"><strong>Partitioning: ${escapeHtml(verdict.partitioning)}</strong>
${escapeHtml(verdict.why)}</p>`;
}

function comparisonSection(result: ExperimentResult): string {
  const { summary } = result;
  const ownCost = meanCost(result, "mixture");
  const rows = (Object.keys(summary.methods) as Method[]).map((method) => {
    const { rmse, mae } = summary.methods[method]!;
    const against = summary.comparisons.find(({ rival }) => rival === method);
    return [
      METHOD_NAMES[method],
      `${figure(rmse.mean)} ± ${figure(rmse.se)}`,
      figure(mae.mean),
      against === undefined ? "" : percent(-against.reduction),
      against === undefined ? "" : against.pHolm.toFixed(3),
      (meanCost(result, method) / ownCost).toFixed(2),
    ];
  });
  const header = ["method", "rmse ± s.e.", "mae", "mixture's mse", "p (Holm)", "training cost"];
  return `<h2>The mixture and its rivals</h2>
${figureHtml(comparisonPlot(result), "Mean and standard error over the splits, and every split in grey.")}
${htmlTable("Test rows, in the target's units; training cost relative to the mixture, tuning left out", header, rows)}`;
}

function meanCost({ splits }: ExperimentResult, method: Method): number {
  return splits.reduce((sum, split) => sum + (split.methods[method]?.cost ?? 0), 0) / splits.length;
}

function scatterSection(
  { dataset }: ExperimentResult,
  predictions: readonly SplitPredictions[],
): string {
  const shows = "Test rows of all splits, coloured by the expert each is routed to.";
  return `<h2>Predicted and true</h2>
${figureHtml(scatterPlot(predictions, dataset.target), shows)}`;
}

function expertSection(result: ExperimentResult): string {
  const shows = "The test rows that each expert is routed, and the error on them.";
  return `<h2>Error by expert</h2>
${figureHtml(expertPlot(result), shows)}`;
}

function roundsSection(rounds: readonly RoundRecord[]): string {
  const shows = "The competition behind the model that was kept, on all rows.";
  return `<h2>Who won what</h2>
${figureHtml(roundsPlot(rounds), shows)}`;
}

function candidatesSection({ splits }: ExperimentResult): string {
  const [first] = splits;
  const shows =
    `First split: ${first!.nExperts} chosen, the fewest within a standard error of the best ` +
    "(bars: standard error of the difference to the best).";
  return `<h2>How many experts</h2>
${figureHtml(candidatesPlot(first!.candidates), shows)}`;
}

function originSection(result: ExperimentResult): string {
  const { dataset, protocol, versions, splits } = result;
  const settings = splits[0]!.settings;
  const facts: [string, string][] = [
    ["data", `${dataset.name}, sha256 ${dataset.sha256}`],
    ["protocol", Object.values(protocol).map(String).join(", ")],
    ["seed", String(result.seed)],
    [
      "training",
      `${settings.steps} steps, learning rate ${settings.learningRate}, weight decay ${settings.weightDecay} (first split)`,
    ],
    [
      "versions",
      Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(", "),
    ],
    ["engine", result.engine],
    ["made", result.createdAt],
  ];
  const notes = dataset.warnings.map((warning) => `<li>${escapeHtml(warning)}</li>`).join("");
  return `<h2>How this was made</h2>
<dl>${facts.map(([name, value]) => `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`).join("")}</dl>
${notes === "" ? "" : `<ul>${notes}</ul>`}`;
}
