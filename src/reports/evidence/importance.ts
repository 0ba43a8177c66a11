/** Which features does the model depend on? Bars, the longest first. */
import { barX, link, ruleX, text } from "@observablehq/plot";
import { count, figure, shorten, tick } from "../../shared/wording.ts";
import { draw, X_AXIS } from "../draw.ts";
import type { ModelFacts } from "../facts/index.ts";
import { figureHtml, type Html, html, NOTHING } from "../html.ts";
import { rowsInWords } from "./rows-in-words.ts";

const ROW_HEIGHT = 26;
const MAX_ROWS = 12;
const NAME_CHARACTERS = 18;
const CHARACTER_WIDTH = 7.4;

type Importances = ModelFacts["importance"];

export function importanceSection({ importance, answers, target }: ModelFacts): Html {
  const [first] = importance;
  if (first === undefined || answers === null) return NOTHING;
  const shown = importance.slice(0, MAX_ROWS);
  const others = importance.slice(MAX_ROWS);
  const more =
    others.length === 0
      ? ""
      : ` ${count(others.length, "more feature")} are below: ${figure(others[0]!.rise)} or less.`;
  const caption =
    `By how much the root mean squared error on ${rowsInWords(answers)} grows when the cells of ` +
    "one feature are shuffled among them (permutation importance; lines span five shuffles), in " +
    `units of ${target}. Of features that say the same, each looks less important.${more}`;
  return html`<section>
<h2>What the answer depends on</h2>
${figureHtml(importancePlot(shown), caption)}
</section>`;
}

function importancePlot(importance: Importances): Html {
  const rows = importance.map(({ feature, rise, least, most }, place) => {
    return { place, rise, least, most, name: shorten(feature, NAME_CHARACTERS) };
  });
  const longest = Math.max(...rows.map(({ name }) => [...name].length));
  const says = importance.map(({ feature, rise }) => `${feature} ${figure(rise)}`).join(", ");
  return draw(`Growth of the error by shuffled feature: ${says}.`, {
    height: 54 + ROW_HEIGHT * rows.length,
    marginLeft: 14 + CHARACTER_WIDTH * longest,
    marginRight: 44,
    marginTop: 8,
    x: { ...X_AXIS, label: "growth of the RMSE", ticks: 4, grid: true, tickFormat: tick },
    y: {
      type: "band",
      label: null,
      tickSize: 0,
      domain: rows.map(({ place }) => place),
      tickFormat: (place: number) => rows[place]!.name,
    },
    marks: [
      barX(rows, { x: "rise", y: "place", fill: "var(--accent)", fillOpacity: 0.85 }),
      link(rows, { x1: "least", x2: "most", y: "place", stroke: "currentColor" }),
      ruleX([0]),
      text(rows, {
        x: "most",
        y: "place",
        text: ({ rise }: { rise: number }) => figure(Number(rise.toPrecision(3))),
        textAnchor: "start",
        dx: 5,
      }),
    ],
  });
}
