/**
 * A model or a run as one page: what to expect, the evidence, the data, the regimes where there are
 * any, and how it was made.
 *
 * The page needs nothing but itself: style and pictures are inside, nothing is loaded, no script
 * runs. Nothing is computed with a model here; what needs one comes as plain data.
 */
import type { ExperimentResult } from "../experiments/index.ts";
import type { Verdict } from "../mixture/index.ts";
import { count, sentence } from "../shared/wording.ts";
import { runChoiceSection, searchedSection } from "./choice.ts";
import { comparisonSection } from "./comparison.ts";
import {
  agreementSection,
  coverageSection,
  dataSection,
  effectsSection,
  importanceSection,
  leadersSection,
  residualsSection,
  worstSection,
} from "./evidence/index.ts";
import type { ModelFacts } from "./facts/index.ts";
import { expectedHtml } from "./headline.ts";
import { documentHtml, type Html, html, NOTHING } from "./html.ts";
import { type Fact, factsSection, runOrigin } from "./origin.ts";
import { withPrintableTexts } from "./printable.ts";
import { cardsSection, errorsSection, mapSection, regimeErrors } from "./regimes/index.ts";
import { roundsSection } from "./rounds.ts";

/** What the page of a model says beside its facts. */
export interface ModelPage {
  readonly title: string;
  readonly facts: ModelFacts;
  readonly verdict: Verdict;
  /** How the model was made. */
  readonly origin: readonly Fact[];
}

/** The HTML document of a model. */
export function renderModel(page: ModelPage): string {
  const { title, facts, verdict, origin } = withPrintableTexts(page);
  const lead = [
    `a model of ${facts.target}`,
    count(facts.nRows, "row"),
    count(facts.columns.length - 1, "feature"),
  ];
  return documentHtml(
    `${title}: ${facts.target}`,
    html`${headerHtml({ title, lead }, facts, verdict)}
<main>
${leadersSection(facts.leaders, facts.target)}
${evidenceSections(facts)}
${regimesSections(facts, searchedSection(facts))}
${factsSection(origin)}
</main>`,
  );
}

/** The HTML document of a run. */
export function renderReport(run: ExperimentResult, found: ModelFacts): string {
  const result = withPrintableTexts(run);
  const facts = withPrintableTexts(found);
  const { name, dataset, splits, seed, verdict } = result;
  const lead = [
    `${dataset.target} of ${dataset.name}`,
    count(dataset.nRows, "row"),
    count(dataset.nFeatures, "feature"),
    count(splits.length, "split"),
    `seed ${seed}`,
  ];
  return documentHtml(
    `${name}: ${dataset.target}`,
    html`${headerHtml({ title: name, lead }, facts, verdict)}
<main>
${comparisonSection(result)}
${evidenceSections(facts)}
${regimesSections(facts, runChoiceSection(result, facts.kept))}
${factsSection(runOrigin(result))}
</main>`,
  );
}

interface Heading {
  readonly title: string;
  readonly lead: readonly string[];
}

function headerHtml({ title, lead }: Heading, facts: ModelFacts, verdict: Verdict): Html {
  return html`<header>
<h1>${title}</h1>
<p class="lead">${lead.join(", ")}</p>
${expectedHtml(facts)}
<p class="verdict"><strong>Partitioning: ${verdict.partitioning}</strong>
${sentence(verdict.why)}</p>
</header>`;
}

/** How near the answers are, what they depend on, and the data. */
function evidenceSections(facts: ModelFacts): Html {
  const { answers, coverage, kept, target } = facts;
  const pictures =
    answers === null
      ? NOTHING
      : html`<div class="pair">
${agreementSection(answers, kept, target)}
${residualsSection(answers, kept, target)}
${importanceSection(facts)}
${coverageSection(coverage, answers, target)}
</div>`;
  return html`${pictures}
${effectsSection(facts)}
${worstSection(facts)}
${dataSection(facts)}`;
}

/** @param choice - How the regimes, or the members, were chosen. */
function regimesSections({ answers, kept, target }: ModelFacts, choice: Html): Html {
  const errors = answers === null ? null : regimeErrors(answers, kept);
  const where = html`${mapSection(kept)}
${answers === null ? NOTHING : errorsSection(answers, kept, target)}`;
  return html`<div class="pair">
${where}
</div>
${cardsSection(kept, errors, target)}
<div class="pair">
${choice}
${roundsSection(kept)}
</div>`;
}
