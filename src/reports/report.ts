/**
 * A run as one page: the results, then the evidence, then how it was made.
 *
 * The page needs nothing but itself: style and pictures are inside, nothing is loaded, no script
 * runs. Nothing is computed with a model here; what needs one comes as plain data.
 */
import type {
  ExperimentResult,
  KeptModel,
  SplitPredictions,
  SplitResult,
} from "../experiments/index.ts";
import { count, sentence } from "../shared/wording.ts";
import { agreementSection } from "./agreement.ts";
import { candidatesSection } from "./candidates.ts";
import { committeeSection, regimesNote } from "./committee.ts";
import { comparisonSection } from "./comparison.ts";
import { documentHtml, type Html, html } from "./html.ts";
import { originSection } from "./origin.ts";
import { withPrintableTexts } from "./printable.ts";
import { cardsSection, errorsSection, mapSection, searchSection } from "./regimes/index.ts";
import { roundsSection } from "./rounds.ts";

/**
 * The HTML document of a run.
 *
 * @param predictions - Of every split, on its test rows.
 * @param found - The kept model: its regimes in words, and where its rows lie.
 */
export function renderReport(
  run: ExperimentResult,
  predictions: readonly SplitPredictions[],
  found: KeptModel,
): string {
  const result = withPrintableTexts(run);
  const kept = withPrintableTexts(found);
  const { name, dataset } = result;
  const { target } = dataset;
  const body = html`<header>
${headline(result, kept)}
</header>
<main>
${comparisonSection(result)}
<div class="pair">
${mapSection(kept)}
${errorsSection(predictions, kept, target)}
</div>
${cardsSection(kept, target)}
<div class="pair">
${choiceSection(result, kept)}
${roundsSection(kept)}
${agreementSection(predictions, kept, target)}
</div>
${originSection(result)}
</main>`;
  return documentHtml(`${name}: ${target}`, body);
}

function headline(
  { name, dataset, splits, seed, verdict }: ExperimentResult,
  { cards, committee }: KeptModel,
): Html {
  const facts = [
    `${dataset.target} of ${dataset.name}`,
    count(dataset.nRows, "row"),
    count(dataset.nFeatures, "feature"),
    count(splits.length, "split"),
    `seed ${seed}`,
  ];
  const kept =
    committee !== null
      ? `is a committee of ${count(committee.nMembers, "member")}`
      : cards.length === 1
        ? "is one net"
        : `has ${cards.length} regimes`;
  const more = committee === null ? "" : ` ${regimesNote(committee)}`;
  return html`<h1>${name}</h1>
<p class="lead">${facts.join(", ")}</p>
<p class="verdict"><strong>Partitioning: ${verdict.partitioning}</strong>
${sentence(verdict.why)} The model kept, fitted on all rows, ${kept}.${more}</p>`;
}

/** The number of experts or regimes, or the committee's members. */
function choiceSection({ splits, dataset }: ExperimentResult, kept: KeptModel): Html {
  const { search, committee, cards } = kept;
  if (committee !== null) {
    const ofSplits = splits.flatMap(({ committee: own }) => own ?? []);
    return committeeSection(committee, ofSplits, dataset.target);
  }
  if (search !== null) return searchSection(search, cards.length);
  return candidatesSection(mostTelling(splits), splits);
}

/** The first split whose mixture has more than one expert, or else the first. */
function mostTelling(splits: readonly SplitResult[]): SplitResult {
  return splits.find(({ nExperts }) => nExperts > 1) ?? splits[0]!;
}
