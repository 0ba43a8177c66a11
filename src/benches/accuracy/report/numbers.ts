/** All numbers: each table with a description of its columns, and the figures with their bounds. */
import { type Html, html, tableHtml } from "../../../reports/index.ts";
import { figure } from "../../../shared/wording.ts";
import type { Figure } from "../../figures.ts";
import type { AccuracyTable } from "../table.ts";

export function numbersSections(tables: readonly AccuracyTable[]): readonly Html[] {
  return tables.map(({ title, header, rows, notes: [caption = title, ...notes] }) => {
    return html`<section>
<h2>${title}</h2>
${tableHtml(caption, header, rows, title)}
${notes.map((note) => html`<p class="note">${note}</p>`)}
</section>`;
  });
}

const ANSWERS = { true: "yes", false: "no", null: "–" } as const;

export function figuresSection(figures: readonly Figure[]): Html {
  const rows = figures.map(({ name, value, unit, must, ok }) => [
    name,
    value === null ? "not measured" : `${figure(value)} ${unit}`,
    must,
    ANSWERS[`${ok}`],
  ]);
  const how = figures.map((own) => html`<dt>${own.name}</dt><dd>${own.how}</dd>`);
  const caption = "What is claimed over the real sets, the bound it must hold, and whether it does";
  return html`<section>
<h2>Figures</h2>
${tableHtml(caption, ["figure", "value", "must be", "holds"], rows, "Figures")}
<h3>How each was taken</h3>
<dl>
${how}
</dl>
</section>`;
}
