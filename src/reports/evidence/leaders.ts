/** How the model does beside simpler ones on the same rows: a picture and a table. */
import { barX, ruleX, text } from "@observablehq/plot";
import { figure, reductionInWords, shorten, tick } from "../../shared/wording.ts";
import { draw, ROW_WORDS, X_AXIS } from "../draw.ts";
import type { Leader } from "../facts/index.ts";
import { figureHtml, type Html, html, NOTHING, tableHtml } from "../html.ts";

const ROW_HEIGHT = 34;
const NAME_CHARACTERS = 36;
const CAPTION = "Root mean squared error on held-out rows: shorter is better.";

/** Nothing is shown of a model that no other is compared with. */
export function leadersSection(leaders: readonly Leader[], target: string): Html {
  if (leaders.length < 2) return NOTHING;
  return html`<section>
<h2>Leaderboard</h2>
<div class="comparison">
${figureHtml(leadersPlot(leaders, target), CAPTION)}
${leadersTable(leaders)}
</div>
</section>`;
}

function leadersPlot(leaders: readonly Leader[], target: string): Html {
  const rows = leaders.map((leader) => ({
    ...leader,
    says: `${shorten(leader.name, NAME_CHARACTERS)} ${figure(leader.rmse)}`,
    colour: leader.isModel ? "var(--accent)" : "var(--bar)",
  }));
  const says = rows.map((row) => row.says).join(", ");
  return draw(`Root mean squared error on held-out rows, lower is better: ${says}.`, {
    height: 50 + ROW_HEIGHT * rows.length,
    marginLeft: 12,
    marginRight: 12,
    marginTop: 14,
    x: { ...X_AXIS, label: `RMSE, ${shorten(target)}`, ticks: 5, grid: true, tickFormat: tick },
    y: { type: "band", axis: null, domain: rows.map(({ name }) => name), padding: 0 },
    marks: [
      barX(rows, { x: "rmse", y: "name", fill: "colour", insetTop: 20, insetBottom: 6 }),
      ruleX([0]),
      text(rows, { ...ROW_WORDS, y: "name", dx: 2, dy: -5 }),
    ],
  });
}

function leadersTable(leaders: readonly Leader[]): Html {
  const ofModel = leaders.find(({ isModel }) => isModel)!;
  const isCommittee = leaders.some(({ weight }) => weight !== null);
  const rows = leaders.map(({ name, rmse, weight, isModel }) => {
    const change = 1 - (ofModel.rmse / rmse) ** 2;
    const weights = isCommittee ? [weight === null ? "" : figure(weight)] : [];
    if (isModel) return [html`<b>${name}</b>`, figure(rmse), "", ...weights];
    return [name, figure(rmse), reductionInWords(change), ...weights];
  });
  const header = ["Model", "RMSE", "This model’s MSE is", ...(isCommittee ? ["Weight"] : [])];
  const note = isCommittee
    ? "Each kind answers alone. The committee sums the answers of the kinds by weight; the " +
      "weights that are tested here were fitted on other held-out rows."
    : "All answer the same rows, which none of them had seen.";
  return html`<div>
${tableHtml("Errors on held-out rows, the best first", header, rows)}
<p class="note">${note}</p>
</div>`;
}
