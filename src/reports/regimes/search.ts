/** How many regimes? The likelihood of held-out rows for each number of experts: the elbow. */
import { dot, line, link, ruleY, text } from "@observablehq/plot";
import { count, figure, meanAndError, tick } from "../../shared/wording.ts";
import { draw, X_AXIS } from "../draw.ts";
import type { KeptModel } from "../facts/index.ts";
import { figureHtml, type Html, html, tableHtml } from "../html.ts";

type Search = NonNullable<KeptModel["search"]>;

/** @param nRegimes - Of the model kept. */
export function searchSection(search: Search, nRegimes: number): Html {
  const { candidates } = search;
  const body =
    candidates.length === 1
      ? html`<p>One number of experts was tried: ${candidates[0]!.nExperts}.</p>`
      : figureHtml(searchPlot(search), CAPTION);
  return html`<section>
<h2>How many regimes</h2>
${body}
${searchTable(search)}
<p class="note">${inTheEnd(search, nRegimes)} Another number is taken, whatever the likelihood says,
with <code>fit --experts N</code>, or <code>"experts": [N]</code> in the configuration of a run.</p>
</section>`;
}

const CAPTION =
  "Mean log likelihood of a held-out row, higher is better. Bars are the standard error of the " +
  "difference to the best, which the dashed line marks: a candidate whose bar reaches the line " +
  "is within one standard error. Of those, the one that uses the fewest regimes is chosen.";

function inTheEnd({ grown, nPieces }: Search, nRegimes: number): string {
  const grew = grown ? "One further expert joined, for the rows predicted worst. " : "";
  const pieces = `The regimes found lie in ${count(nPieces, "connected piece")}`;
  const kept = `The model kept has ${count(nRegimes, "regime")}.`;
  return `${grew}${pieces}; where one law explains several, they are merged. ${kept}`;
}

function searchPlot({ candidates, chosen }: Search): Html {
  const rows = candidates.map(({ nExperts, logLikelihood, standardError }) => ({
    nExperts,
    likely: logLikelihood,
    low: logLikelihood - standardError,
    high: logLikelihood + standardError,
  }));
  const best = Math.max(...rows.map(({ likely }) => likely));
  const mark = [rows[chosen]!];
  const figures = rows.map(
    ({ nExperts, likely }) => `${count(nExperts, "expert")} ${figure(likely)}`,
  );
  const says =
    `Log likelihood of held-out rows by number of experts: ${figures.join(", ")}; ` +
    `${rows[chosen]!.nExperts} chosen.`;
  return draw(says, {
    height: 280,
    marginLeft: 54,
    marginTop: 30,
    x: { ...X_AXIS, type: "point", label: "experts tried", padding: 0.6 },
    y: {
      label: "held-out log likelihood",
      labelArrow: false,
      grid: true,
      inset: 14,
      ticks: 6,
      tickFormat: tick,
    },
    marks: [
      ruleY([best], { stroke: "currentColor", strokeDasharray: "4,3" }),
      line(rows, { x: "nExperts", y: "likely", stroke: "var(--rule)", strokeWidth: 2 }),
      link(rows, { x: "nExperts", y1: "low", y2: "high", strokeWidth: 2 }),
      dot(rows, { x: "nExperts", y: "likely", r: 5, fill: "currentColor" }),
      dot(mark, { x: "nExperts", y: "likely", r: 7, fill: "var(--accent)" }),
      text(mark, {
        x: "nExperts",
        y: "likely",
        text: () => "chosen",
        textAnchor: "start",
        dx: 11,
        dy: 13,
      }),
    ],
  });
}

function searchTable({ candidates, chosen }: Search): Html {
  const header = ["Experts tried", "Regimes used", "Log likelihood", "ICL", "Stability"];
  const rows = candidates.map((candidate, c) => [
    `${candidate.nExperts}${c === chosen ? ", chosen" : ""}`,
    String(candidate.nUsed),
    meanAndError({ mean: candidate.logLikelihood, se: candidate.standardError }),
    figure(candidate.icl),
    candidate.stability.toFixed(2),
  ]);
  return html`${tableHtml("Numbers of experts tried, on held-out rows", header, rows)}
<p class="note">ICL is the likelihood less the doubt about who is responsible. Stability is the
agreement between the best searches, each on newly drawn rows (adjusted Rand index; 1: equal).</p>`;
}
