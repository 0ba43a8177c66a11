/** What is each regime? A card: where it is, how large, how well predicted, what moves it. */
import { alternativesInWords } from "../../explain/index.ts";
import { count, figure, meanAndError, wholePercent } from "../../shared/wording.ts";
import { colourOf } from "../draw.ts";
import type { KeptModel } from "../facts/index.ts";
import { type Html, html, NOTHING } from "../html.ts";
import { effectFigures } from "./effects.ts";
import type { RegimeError } from "./errors.ts";

type Card = KeptModel["cards"][number];

/** @param errors - One a regime, those of the page's chart; null if no rows are available. */
export function cardsSection(
  { cards }: Pick<KeptModel, "cards">,
  errors: readonly RegimeError[] | null,
  target: string,
): Html {
  if (cards.length < 2) return NOTHING;
  return html`<section>
<h2>The regimes, one by one</h2>
<div class="cards">
${cards.map((card, k) => cardHtml(card, k, errors?.[k] ?? null))}
</div>
<p class="note">${RULES_NOTE} Curves are the expert’s mean answer for ${target} as
one feature changes and the others keep their values in the regime’s rows; ± is the standard
deviation of that answer.</p>
</section>`;
}

const RULES_NOTE =
  "A rule describes; the gate decides. Purity: the regime’s share of the rows that the rule " +
  "describes. Coverage: the share of the regime’s rows that the rule describes.";

function qualityOf({ purity, coverage }: NonNullable<Card["rule"]>): string {
  return `purity ${percent(purity)}, coverage ${percent(coverage)}`;
}

function cardHtml(card: Card, k: number, error: RegimeError | null): Html {
  const { rule, effects } = card;
  const quality = rule === null ? NOTHING : html` <span class="aside">${qualityOf(rule)}</span>`;
  return html`<article class="card" style="border-color: ${colourOf(k)}">
<h3>Regime ${k}</h3>
<p class="rule">${alternativesInWords(card).join(", or ")}${quality}</p>
<p class="facts">${factsOf(card, error).join(" · ")}</p>
${effectFigures(effects)}
</article>`;
}

function factsOf(
  { nRows, share, boundaryShare, residuals }: Card,
  error: RegimeError | null,
): readonly string[] {
  const facts = [`${count(nRows, "row")}, ${percent(share)}`];
  if (error !== null) facts.push(errorInWords(error));
  else if (residuals.nSamples > 0) facts.push(`held-out RMSE ${heldOutError(residuals)}`);
  if (boundaryShare > 0) facts.push(`${percent(boundaryShare)} near a boundary`);
  return facts;
}

function errorInWords({ nRows, rmse, single }: RegimeError): string {
  if (nRows === 0) return "no row to measure its error on";
  const beside = single === null ? "" : `, best single model ${figure(single)}`;
  return `RMSE ${figure(rmse)}${beside}`;
}

/** The expert's alone: the root with its standard error, from the squares' (delta method). */
function heldOutError({ nSamples, meanSquaredError, meanFourthPower }: Card["residuals"]): string {
  const rmse = Math.sqrt(meanSquaredError);
  if (rmse === 0) return figure(0);
  const spread = Math.max(0, meanFourthPower - meanSquaredError ** 2);
  return meanAndError({ mean: rmse, se: Math.sqrt(spread / nSamples) / (2 * rmse) });
}

/** Whole, but "99.4 %" and "0.3 %" where whole would say all or nothing. */
function percent(share: number): string {
  const nearEnd = (share < 0.01 && share > 0) || (share > 0.99 && share < 1);
  return nearEnd ? `${(100 * share).toFixed(1)} %` : wholePercent(share);
}
