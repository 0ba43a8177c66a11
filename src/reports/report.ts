/**
 * A run as one page: what was found first, then the evidence, then how it was made.
 *
 * The page needs nothing but itself: style and pictures are inside, nothing is loaded, no script
 * runs.
 */
import type { ExperimentResult, SplitPredictions, SplitResult } from "../experiments/index.ts";
import type { RoundRecord } from "../mixture/index.ts";
import { agreementSection } from "./agreement.ts";
import { candidatesSection } from "./candidates.ts";
import { comparisonSection } from "./comparison.ts";
import { expertSection } from "./expert-errors.ts";
import { documentHtml, type Html, html } from "./html.ts";
import { count, sentence } from "./names.ts";
import { originSection } from "./origin.ts";
import { withPrintableNames } from "./printable.ts";
import { roundsSection } from "./rounds.ts";

/**
 * The HTML document of a run.
 *
 * @param predictions - Of every split, on its test rows.
 * @param rounds - The competition of the model that was kept; empty if there was none.
 */
export function renderReport(
  found: ExperimentResult,
  predictions: readonly SplitPredictions[],
  rounds: readonly RoundRecord[],
): string {
  const result = withPrintableNames(found);
  const { name, dataset, splits } = result;
  const shown = mostTelling(splits);
  const body = html`<header>
${headline(result)}
</header>
<main>
${comparisonSection(result)}
<div class="pair">
${agreementSection(predictions, dataset.target)}
${expertSection(shown, dataset.target)}
${roundsSection(rounds)}
${candidatesSection(shown, splits)}
</div>
${originSection(result)}
</main>`;
  return documentHtml(`${name}: ${dataset.target}`, body);
}

function headline({ name, dataset, splits, seed, verdict }: ExperimentResult): Html {
  const facts = [
    `${dataset.target} of ${dataset.name}`,
    count(dataset.nRows, "row"),
    count(dataset.nFeatures, "feature"),
    count(splits.length, "split"),
    `seed ${seed}`,
  ];
  return html`<h1>${name}</h1>
<p class="lead">${facts.join(", ")}</p>
<p class="verdict"><strong>Partitioning: ${verdict.partitioning}</strong>
${sentence(verdict.why)}</p>`;
}

/** The first split whose mixture has more than one expert, or else the first. */
function mostTelling(splits: readonly SplitResult[]): SplitResult {
  return splits.find(({ nExperts }) => nExperts > 1) ?? splits[0]!;
}
