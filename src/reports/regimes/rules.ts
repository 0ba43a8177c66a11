/** Where the regimes are, in a table: for regimes that no two features tell apart. */
import { alternativesInWords } from "../../explain/index.ts";
import { count, wholePercent } from "../../shared/wording.ts";
import type { KeptModel } from "../facts/index.ts";
import { type Html, html, tableHtml } from "../html.ts";

export function rulesSection({ cards }: Pick<KeptModel, "cards">): Html {
  const rows = cards.map((card, k) => [
    `regime ${k}`,
    alternativesInWords(card).join(", or "),
    count(card.nRows, "row"),
    card.rule === null ? "" : wholePercent(card.rule.purity),
    card.rule === null ? "" : wholePercent(card.rule.coverage),
  ]);
  const header = ["Regime", "Where", "Size", "Purity", "Coverage"];
  return html`<section>
<h2>Where the regimes are</h2>
<div class="rules">
${tableHtml("Regimes in words", header, rows)}
</div>
<p class="note">No two features alone tell these regimes apart, so there is no map. A rule
describes; the gate decides. Purity: the regime’s share of the rows described. Coverage: the
described share of the regime’s rows.</p>
</section>`;
}
