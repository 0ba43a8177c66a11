/** Do intervals hold what they promise? */
import { dot, line, link, text } from "@observablehq/plot";
import { count, figure, percent, wholePercent } from "../../shared/wording.ts";
import { draw, X_AXIS } from "../draw.ts";
import type { AnsweredRows, LevelCoverage } from "../facts/index.ts";
import { figureHtml, type Html, html, NOTHING } from "../html.ts";
import { rowsInWords } from "./rows-in-words.ts";

export function coverageSection(
  coverage: readonly LevelCoverage[],
  answers: AnsweredRows,
  target: string,
): Html {
  if (coverage.length === 0) return NOTHING;
  const how =
    answers.kind === "held-out"
      ? "each half of them by intervals from the errors of the other half"
      : "by the model’s intervals";
  const widths = coverage.map(({ level, meanWidth }) => {
    return `${wholePercent(level)} intervals are ${figure(meanWidth)} wide`;
  });
  const caption =
    `Share of the truths that intervals hold, on ${rowsInWords(answers)}, ${how}. ` +
    `Bars are where 99 % of such shares lie by chance. In the mean, ${widths.join(", ")}, in ` +
    `units of ${target}.`;
  return html`<section>
<h2>Interval coverage</h2>
${figureHtml(coveragePlot(coverage), caption)}
</section>`;
}

function coveragePlot(coverage: readonly LevelCoverage[]): Html {
  const rows = coverage.map(({ level, coverage: held, byChance: [low, high] }) => {
    return { level, held, low, high, says: percent(held) };
  });
  const says = rows.map(({ level, held }) => `${percent(held)} at ${wholePercent(level)}`);
  const low = Math.min(0.4, ...rows.map((row) => Math.min(row.low, row.held)));
  const axis = { domain: [low, 1], ticks: 5, grid: true, tickFormat: wholePercent } as const;
  return draw(`Truths held by ${count(rows.length, "level")} of interval: ${says.join(", ")}.`, {
    height: 340,
    marginLeft: 54,
    marginTop: 30,
    marginRight: 56,
    x: { ...X_AXIS, ...axis, label: "promised" },
    y: { ...axis, label: "held", labelArrow: false },
    marks: [
      line([low, 1], { x: (v: number) => v, y: (v: number) => v, stroke: "var(--faint)" }),
      link(rows, { x: "level", y1: "low", y2: "high", strokeWidth: 7, strokeOpacity: 0.25 }),
      dot(rows, { x: "level", y: "held", r: 5, fill: "var(--accent)" }),
      text(rows, { x: "level", y: "held", text: "says", dx: 10, dy: 12, textAnchor: "start" }),
    ],
  });
}
