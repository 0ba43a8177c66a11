/** Which methods rank first over the sets, and which of them are apart for more than luck? */
import { dot, link, rectX, text } from "@observablehq/plot";
import {
  draw,
  figureHtml,
  type Html,
  html,
  ROW_MARKS,
  ROW_WORDS,
  X_AXIS,
} from "../../../reports/index.ts";
import { count } from "../../../shared/wording.ts";
import type { RankSummary } from "../rivals.ts";

const ROW_HEIGHT = 40;
const OURS: readonly string[] = ["nn", "all"];

export function ranksSection(ranks: RankSummary): Html {
  const caption =
    `Mean rank by test MSE over ${count(ranks.nSets, "real set")}; 1 would be the best on each. ` +
    `Bars are half the critical difference of ${ranks.difference.toFixed(2)} to either side ` +
    "(Nemenyi, α = .05): where two bars do not overlap, the methods differ for more than luck. " +
    "The shaded band is the bar of the best.";
  return html`<section>
<h2>How the methods rank</h2>
${figureHtml(ranksPlot(ranks), caption)}
</section>`;
}

/** Bars instead of the usual brackets: they say the same, and fit a phone. */
function ranksPlot({ methods, difference }: RankSummary): Html {
  const rows = methods.map(({ method, name, rank }) => ({
    method,
    rank,
    low: rank - difference / 2,
    high: rank + difference / 2,
    colour: OURS.includes(method) ? "var(--accent)" : "currentColor",
    says: `${name} ${rank.toFixed(2)}`,
  }));
  const row = { ...ROW_MARKS, y: "method" } as const;
  const says = rows.map((own) => own.says).join(", ");
  const apart = `critical difference ${difference.toFixed(2)}`;
  return draw(`Mean ranks over the sets, lower is better: ${says}; ${apart}.`, {
    height: 50 + ROW_HEIGHT * rows.length,
    marginLeft: 12,
    marginRight: 12,
    x: { ...X_AXIS, label: "mean rank", grid: true, ticks: 6, inset: 8 },
    y: { type: "band", axis: null, domain: rows.map(({ method }) => method) },
    marks: [
      rectX(rows.slice(0, 1), { x1: "low", x2: "high", fill: "var(--accent)", fillOpacity: 0.12 }),
      link(rows, { ...row, x1: "low", x2: "high", stroke: "colour", strokeWidth: 3 }),
      dot(rows, { ...row, x: "rank", r: 5, fill: "colour" }),
      text(rows, { ...ROW_WORDS, y: "method" }),
    ],
  });
}
