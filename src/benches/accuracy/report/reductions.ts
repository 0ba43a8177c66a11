/** By how much is the single net's error reduced, set by set? */
import { dot, link, ruleX } from "@observablehq/plot";
import { draw, figureHtml, type Html, html, NOTHING, X_AXIS } from "../../../reports/index.ts";
import { count, shorten } from "../../../shared/wording.ts";
import type { SetTally } from "../tally.ts";

const ROW_HEIGHT = 21;
const NAME_WIDTH = 100;
const LONGEST_NAME = 14;
const COLOURS = { all: "var(--accent)", nn: "var(--e1)" } as const;

interface Reductions {
  readonly set: string;
  readonly name: string;
  /** In percent of the single net's test MSE. */
  readonly nn: number;
  readonly all: number;
}

/** @param tallies - Of the sets that count. */
export function reductionsSection(tallies: readonly SetTally[]): Html {
  const rows = tallies.flatMap(reductionsOf).sort((a, b) => b.all - a.all);
  if (rows.length === 0) return NOTHING;
  const caption =
    "Part of the single net’s test MSE that each committee takes off, mean over a set’s splits; " +
    "left of 0 it is worse. * the single net has not converged, so that part of the gain is " +
    "what longer training would bring; ° not checked.";
  const picture = html`${reductionsPlot(rows)}
<ul class="legend">
<li><i style="background: ${COLOURS.all}"></i>all families</li>
<li><i style="background: ${COLOURS.nn}"></i>networks</li>
</ul>`;
  return html`<section>
<h2>Against a single net, set by set</h2>
${figureHtml(picture, caption)}
</section>`;
}

const MARKS = { converged: "", "not converged": "*", "not checked": "°" } as const;

function reductionsOf({ set, convergence, comparisons }: SetTally): readonly Reductions[] {
  const of = (ours: string): number | undefined =>
    comparisons.find((one) => one.ours === ours && one.rival === "single")?.reduction;
  const [nn, all] = [of("nn"), of("all")];
  if (nn === undefined || all === undefined) return [];
  const name = `${shorten(set, LONGEST_NAME)}${MARKS[convergence]}`;
  return [{ set, name, nn: 100 * nn, all: 100 * all }];
}

function reductionsPlot(rows: readonly Reductions[]): Html {
  const says = rows.map(({ name, nn, all }) => `${name} ${all.toFixed(1)} and ${nn.toFixed(1)}`);
  const label =
    `Reduction of the single net’s test MSE in percent on ${count(rows.length, "set")}, ` +
    `by all families and by networks: ${says.join(", ")}.`;
  const names = new Map(rows.map(({ set, name }) => [set, name]));
  const axis = { grid: true, ticks: 5, inset: 8 };
  return draw(label, {
    height: 60 + ROW_HEIGHT * rows.length,
    marginLeft: NAME_WIDTH,
    marginRight: 16,
    x: { ...X_AXIS, label: "% of the test MSE taken off", ...axis },
    y: {
      type: "band",
      label: null,
      tickSize: 0,
      domain: rows.map(({ set }) => set),
      tickFormat: (set: string) => names.get(set)!,
    },
    marks: [
      ruleX([0]),
      link(rows, { x1: "nn", x2: "all", y: "set", stroke: "currentColor", strokeOpacity: 0.4 }),
      dot(rows, { x: "nn", y: "set", r: 4, fill: COLOURS.nn }),
      dot(rows, { x: "all", y: "set", r: 4.5, fill: COLOURS.all }),
    ],
  });
}
