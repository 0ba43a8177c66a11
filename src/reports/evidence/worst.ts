/** The rows that are answered worst. */
import { figure, figureAmong } from "../../shared/wording.ts";
import type { ModelFacts } from "../facts/index.ts";
import { type Html, html, NOTHING, tableHtml } from "../html.ts";
import { rowsInWords } from "./rows-in-words.ts";

export function worstSection({ worst, answers }: ModelFacts): Html {
  const [first] = worst;
  if (first === undefined || answers === null) return NOTHING;
  const header = ["Row", "True", "Predicted", "Error", ...first.cells.map(({ name }) => name)];
  const sizes = first.cells.map((_, c) =>
    Math.max(...worst.map(({ cells }) => Math.abs(Number(cells[c]!.value) || 0))),
  );
  const rows = worst.map(({ row, truth, predicted, cells }) => [
    row.toLocaleString("en"),
    figure(truth),
    figure(predicted),
    `${predicted > truth ? "+" : ""}${figure(predicted - truth)}`,
    ...cells.map(({ value }, c) => {
      if (value === null) return "–";
      return typeof value === "number" ? figureAmong(value, sizes[c]!) : value;
    }),
  ]);
  return html`<section>
<h2>The rows that are answered worst</h2>
${tableHtml(`The largest errors of ${rowsInWords(answers)}`, header, rows)}
<p class="note">Rows are numbered from 1, without the header. Look here first: a typing error, a
unit that differs or a column that is missing often shows in such rows.</p>
</section>`;
}
