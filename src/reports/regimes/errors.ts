/** Which regime is how hard? The test error on its rows, and on those near a boundary. */
import { dot, link, ruleX, text } from "@observablehq/plot";
import type { KeptModel, SplitPredictions } from "../../experiments/index.ts";
import { count, figure, shorten, tick } from "../../shared/wording.ts";
import { colourOf, draw, ROW_MARKS, ROW_WORDS, X_AXIS } from "../draw.ts";
import { figureHtml, type Html, html, NOTHING } from "../html.ts";

const ROW_HEIGHT = 38;

/** A row's mean squared errors over the splits that tested it. */
interface RowLoss {
  readonly row: number;
  readonly mixture: number;
  readonly single: number;
}

/** A group of rows and their root mean squared error, in the target's units. */
interface Group {
  readonly name: string;
  readonly colour: string;
  readonly nRows: number;
  readonly rmse: number;
  readonly low: number;
  readonly high: number;
  readonly single: number;
  readonly says: string;
}

/** @param predictions - Of every split, on its test rows; nothing is shown without any. */
export function errorsSection(
  predictions: readonly SplitPredictions[],
  kept: Pick<KeptModel, "regimes" | "nearBoundary" | "cards" | "committee">,
  target: string,
): Html {
  const losses = lossesByRow(predictions);
  if (losses.length === 0) return NOTHING;
  const groups = groupsOf(losses, kept);
  const caption = captionOf(kept.committee === null ? "mixture" : "committee");
  const content =
    kept.cards.length === 1
      ? oneRegime(groups[0]!, kept.committee !== null)
      : figureHtml(errorsPlot(groups, target), caption);
  return html`<section>
<h2>Error by regime</h2>
${content}
</section>`;
}

function captionOf(own: "mixture" | "committee"): string {
  return (
    "Root mean squared error on test rows, grouped by the regime that the model kept gives them: " +
    `dots are the ${own}’s, with one standard error over the rows to either side, rings the ` +
    `single net’s. The ${own}s tested saw none of these rows. Near a boundary another expert ` +
    "might be right."
  );
}

function oneRegime({ nRows, rmse, single }: Group, isCommittee: boolean): Html {
  const [kept, tried] = isCommittee
    ? ["divides the rows by none of its members", "committees tested"]
    : ["is one net and has one regime, all rows", "mixtures tried"];
  return html`<p>The model kept ${kept}. On
${count(nRows, "test row")} the ${tried} have a root mean squared error of ${figure(rmse)},
the single net ${figure(single)}.</p>`;
}

function lossesByRow(predictions: readonly SplitPredictions[]): readonly RowLoss[] {
  const byRow = new Map<number, { mixture: number; single: number; n: number }>();
  for (const { rows, truth, mixture, single } of predictions) {
    rows.forEach((row, i) => {
      const sums = byRow.get(row) ?? { mixture: 0, single: 0, n: 0 };
      sums.mixture += (mixture[i]! - truth[i]!) ** 2;
      sums.single += (single[i]! - truth[i]!) ** 2;
      sums.n += 1;
      byRow.set(row, sums);
    });
  }
  return [...byRow].map(([row, { mixture, single, n }]) => {
    return { row, mixture: mixture / n, single: single / n };
  });
}

function groupsOf(
  losses: readonly RowLoss[],
  { regimes, nearBoundary, cards }: Pick<KeptModel, "regimes" | "nearBoundary" | "cards">,
): readonly Group[] {
  const all = groupOf("all", "currentColor", losses);
  if (cards.length === 1) return [all];
  const ofRegimes = cards.map((_, k) => {
    const ofRegime = losses.filter(({ row }) => regimes[row] === k);
    return groupOf(`regime ${k}`, colourOf(k), ofRegime);
  });
  const near = losses.filter(({ row }) => nearBoundary[row] === 1);
  if (near.length === 0) return [...ofRegimes, all];
  const away = losses.filter(({ row }) => nearBoundary[row] === 0);
  return [
    ...ofRegimes,
    groupOf("near a boundary", "currentColor", near),
    groupOf("away from boundaries", "currentColor", away),
    all,
  ];
}

function groupOf(name: string, colour: string, losses: readonly RowLoss[]): Group {
  const nRows = losses.length;
  const mean = (of: (loss: RowLoss) => number): number =>
    losses.reduce((sum, loss) => sum + of(loss), 0) / nRows;
  const mse = mean(({ mixture }) => mixture);
  const variance = mean(({ mixture }) => (mixture - mse) ** 2);
  const error = Math.sqrt(variance / nRows);
  const rmse = Math.sqrt(mse);
  const says =
    nRows === 0 ? `${name}, no test rows` : `${name}, ${count(nRows, "row")}: ${figure(rmse)}`;
  return {
    name,
    colour,
    nRows,
    rmse,
    low: Math.sqrt(Math.max(0, mse - error)),
    high: Math.sqrt(mse + error),
    single: Math.sqrt(mean(({ single }) => single)),
    says,
  };
}

function errorsPlot(groups: readonly Group[], target: string): Html {
  const measured = groups.filter(({ nRows }) => nRows > 0);
  const says = groups.map(({ says: own, nRows, single }) => {
    return nRows === 0 ? own : `${own}, single net ${figure(single)}`;
  });
  const row = { ...ROW_MARKS, y: "name" } as const;
  const axis = { grid: true, ticks: 5, zero: true, tickFormat: tick } as const;
  return draw(`Root mean squared error on test rows: ${says.join("; ")}.`, {
    height: 50 + ROW_HEIGHT * groups.length,
    marginLeft: 12,
    marginRight: 16,
    x: { ...X_AXIS, label: `RMSE, ${shorten(target)}`, ...axis },
    y: { type: "band", axis: null, domain: groups.map(({ name }) => name) },
    marks: [
      ruleX([0]),
      link(measured, { ...row, x1: "low", x2: "high", stroke: "colour", strokeWidth: 3 }),
      dot(measured, { ...row, x: "single", r: 7.5, stroke: "colour", strokeWidth: 1.5 }),
      dot(measured, { ...row, x: "rmse", r: 4.5, fill: "colour" }),
      text(groups, { ...ROW_WORDS, y: "name", dx: 6 }),
    ],
  });
}
