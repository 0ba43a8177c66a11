/** The results in sentences, before any picture. */
import { type Html, html } from "../../../reports/index.ts";
import { count, pValue, reductionInWords } from "../../../shared/wording.ts";
import type { Figure } from "../../figures.ts";
import type { RivalSummary } from "../rivals.ts";
import type { AccuracyMeasurements } from "../summary.ts";

/** The sentences on each of our methods, beside the networks against the single net. */
const SAID = {
  nn: ["ensemble4", "equalCost", "trees"],
  all: ["single", "trees"],
} as const;

export function verdictHtml(
  { rivals, published, sets, notConverged, notChecked }: AccuracyMeasurements,
  figures: readonly Figure[],
): Html {
  const of = (ours: string, rival: string): readonly RivalSummary[] =>
    rivals.filter((one) => one.ours === ours && one.rival === rival);
  const [single] = of("nn", "single");
  if (single === undefined) {
    return html`<p class="verdict"><strong>Nothing is claimed</strong>
No real set was run with a single net beside the committee.</p>`;
  }
  const lines = [
    ...SAID.nn.flatMap((rival) => of("nn", rival).map((one) => rivalLine("Networks", one))),
    ...SAID.all.flatMap((rival) => of("all", rival).map((one) => rivalLine("All families", one))),
    ...publishedLines(published),
    convergenceLine(notConverged, sets.length - notChecked.length),
    figuresLine(figures),
  ];
  return html`<p class="verdict"><strong>Networks: ${changeInWords(single.gm)} a
single net</strong>
Geometric mean of the test MSE over ${count(single.nSets, "real set")}: ${setsInWords(single)}.</p>
<ul>
${lines.map((line) => html`<li>${line}</li>`)}
</ul>`;
}

function rivalLine(who: string, rival: RivalSummary): string {
  return `${who}: ${changeInWords(rival.gm)} the ${rival.name}; ${setsInWords(rival)}.`;
}

function changeInWords(ratio: number): string {
  const change = reductionInWords(1 - ratio);
  return change === "the same" ? "the same MSE as" : `MSE ${change} than`;
}

function setsInWords({ wins, losses, nBetter, nWorse, pHolm }: RivalSummary): string {
  const p = pValue(pHolm);
  return (
    `lower on ${wins} (${nBetter} significantly), higher on ${losses} (${nWorse}), ` +
    `p ${p.startsWith("<") ? p : `= ${p}`}`
  );
}

function publishedLines(published: AccuracyMeasurements["published"]): readonly string[] {
  if (published.length === 0) return [];
  const reached = published.filter(({ isReached }) => isReached).length;
  return [
    "All families: the best RMSE of three published tables is reached on " +
      `${reached} of ${published.length} sets.`,
  ];
}

function convergenceLine(notConverged: readonly string[], nChecked: number): string {
  const checked = `of ${count(nChecked, "set")} where that was checked`;
  if (notConverged.length === 0) return `The single net has converged on all ${checked}.`;
  const sets = notConverged.join(", ");
  return `The single net has not converged on ${notConverged.length} ${checked}: ${sets}.`;
}

function figuresLine(figures: readonly Figure[]): string {
  const held = figures.filter(({ ok }) => ok === true).length;
  const missed = figures.filter(({ ok }) => ok === false).map(({ name }) => name);
  const rest = missed.length === 0 ? "" : `; missed: ${missed.join(", ")}`;
  return `${held} of ${count(figures.length, "figure")} hold their bounds${rest}.`;
}
