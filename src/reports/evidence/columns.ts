/** The data page: every column with its type, what is missing and how its values lie. */
import { barY } from "@observablehq/plot";
import type { ColumnUse } from "../../library/index.ts";
import { count, figure, figureAmong, percent, wholePercent } from "../../shared/wording.ts";
import { draw } from "../draw.ts";
import type { ColumnFacts, LevelFacts, ModelFacts, NumberFacts } from "../facts/index.ts";
import { type Html, html, NOTHING } from "../html.ts";

/** More columns are folded away. */
const MAX_OPEN = 16;

export function dataSection(facts: ModelFacts): Html {
  const { columns, warnings, nRows, answers, uses } = facts;
  const open = columns.slice(0, MAX_OPEN);
  const folded = columns.slice(MAX_OPEN);
  const more =
    folded.length === 0
      ? NOTHING
      : html`<details><summary>${count(folded.length, "more column")}</summary>
${columnsTable(folded, "Further columns")}
</details>`;
  const noticed =
    warnings.length === 0
      ? NOTHING
      : html`<h3>Noticed in the data</h3>
<ul class="warnings">${warnings.map((warning) => html`<li>${warning}</li>`)}</ul>`;
  const ofWhat =
    answers === null
      ? `What the model keeps of the ${count(nRows, "row")} that it was trained on; ranges leave ` +
        "out the lowest and highest 5 %."
      : `${count(nRows, "row")} with a target.`;
  return html`<section>
<h2>The data</h2>
${noticed}
${columnsTable(open, "Columns, the target first")}
${more}
<p class="note">${ofWhat}</p>
${usesTable(uses)}
</section>`;
}

function columnsTable(columns: readonly ColumnFacts[], name: string): Html {
  const hasMissing = columns.some(({ missing }) => missing !== null);
  const header = ["Column", "Type", ...(hasMissing ? ["Missing"] : []), "Values", ""];
  const head = header.map((text) =>
    text === "" ? html`<td></td>` : html`<th scope="col">${text}</th>`,
  );
  const body = columns.map(
    ({ name: own, isTarget, missing, values }) => html`<tr>
<th scope="row">${own}${isTarget ? html` <span class="aside">target</span>` : NOTHING}</th>
<td>${values.type}</td>${hasMissing ? html`<td>${missingInWords(missing)}</td>` : NOTHING}
<td class="values">${valuesInWords(values)}</td>
<td>${pictureOf(own, values)}</td>
</tr>`,
  );
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${name}">
<table class="columns">
<caption>${name}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}
</tbody>
</table>
</div>`;
}

/** What was done with each column; those beyond the first are folded away. */
function usesTable(uses: readonly ColumnUse[]): Html {
  if (uses.length === 0) return NOTHING;
  const name = "What was done with your columns";
  const body = uses.map(
    ({ column, readAs, usedAs }) => html`<tr>
<th scope="row">${column}</th><td>${readAs}</td><td>${usedAs}</td>
</tr>`,
  );
  const table = html`<div class="scroll" role="region" tabindex="0" aria-label="${name}">
<table class="columns">
<caption>${name}</caption>
<thead><tr>
<th scope="col">Column</th><th scope="col">Read as</th><th scope="col">Used as</th>
</tr></thead>
<tbody>
${body}
</tbody>
</table>
</div>`;
  if (uses.length <= MAX_OPEN) return table;
  return html`<details><summary>${name}: ${count(uses.length, "column")}</summary>
${table}
</details>`;
}

function missingInWords(share: number | null): string {
  if (share === null) return "";
  return share === 0 ? "none" : percent(share);
}

function valuesInWords(values: NumberFacts | LevelFacts): string {
  if (values.type === "number") {
    if (values.range === null) return "no values";
    const [least, median, most] = values.range;
    return least === most
      ? `always ${figure(least)}`
      : `${figure(least)} to ${figure(most)}, median ${figureAmong(median, most - least)}`;
  }
  const { nLevels, commonest } = values;
  const named = commonest.slice(0, 3).map(({ level }) => level);
  const more = nLevels > named.length ? ", …" : "";
  return `${count(nLevels, "level")}: ${named.join(", ")}${more}`;
}

/** A histogram, or bars of the commonest levels. */
function pictureOf(name: string, values: NumberFacts | LevelFacts): Html {
  const heights =
    values.type === "number" ? values.bins : values.commonest.map(({ nRows }) => nRows ?? 0);
  const total = heights.reduce((sum, height) => sum + height, 0);
  if (total === 0) return NOTHING;
  const shares = heights.map((height) => wholePercent(height / total)).join(", ");
  const what =
    values.type === "number"
      ? `Histogram of ${name} in ${count(heights.length, "part")}: ${shares}.`
      : `Rows by level of ${name}: ${shares}.`;
  return draw(what, {
    width: 132,
    height: 30,
    axis: null,
    margin: 0,
    marginBottom: 1,
    x: { type: "band", padding: values.type === "number" ? 0.08 : 0.25, axis: null },
    y: { axis: null },
    marks: [
      barY(heights, {
        x: (_height: number, place: number) => place,
        y: (height: number) => height,
        fill: "var(--bar)",
      }),
    ],
  });
}
