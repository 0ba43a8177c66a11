/** Which regime is how hard? The error on its rows, and on those near a boundary. */
import { dot, link, ruleX, text } from "@observablehq/plot";
import { count, figure, shorten, tick } from "../../shared/wording.ts";
import { colourOf, draw, ROW_MARKS, ROW_WORDS, X_AXIS } from "../draw.ts";
import { rowsInWords } from "../evidence/rows-in-words.ts";
import type { AnsweredRows, KeptModel } from "../facts/index.ts";
import { figureHtml, type Html, html, NOTHING } from "../html.ts";

const ROW_HEIGHT = 38;

/** A row's mean squared errors; of several splits that tested it, their mean. */
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

/** The errors of one regime's rows, and of the best single model on them. */
export interface RegimeError {
  readonly nRows: number;
  readonly rmse: number;
  readonly single: number | null;
}

/** Of each regime in turn, from the rows that the picture shows. */
export function regimeErrors(
  answers: AnsweredRows,
  { regimes, cards }: Pick<KeptModel, "regimes" | "cards">,
): readonly RegimeError[] {
  const losses = lossesByRow(answers);
  return cards.map((_, k) => {
    const inRegime = losses.filter(({ row }) => regimes[row] === k);
    const { nRows, rmse, single } = groupOf("", "", inRegime);
    return { nRows, rmse, single: answers.single === null ? null : single };
  });
}

/** Nothing is shown of one regime. */
export function errorsSection(
  answers: AnsweredRows,
  kept: Pick<KeptModel, "regimes" | "nearBoundary" | "cards">,
  target: string,
): Html {
  if (kept.cards.length < 2) return NOTHING;
  const groups = groupsOf(lossesByRow(answers), kept);
  const single = answers.single?.name ?? null;
  return html`<section>
<h2>Error by regime</h2>
${figureHtml(errorsPlot(groups, target, single), captionOf(answers, single))}
</section>`;
}

function captionOf(answers: AnsweredRows, single: string | null): string {
  const rings = single === null ? "" : `, rings those of the best single model (${single})`;
  const unseen =
    answers.kind === "trained on" ? "" : " The models that answer had not seen these rows.";
  return (
    `Root mean squared error on ${rowsInWords(answers)}, grouped by the regime that the model ` +
    "gives them: dots are the model’s, with one standard error over the rows to either side" +
    `${rings}.${unseen} Near a boundary another expert might be right.`
  );
}

function lossesByRow({ rows, truth, predicted, single }: AnsweredRows): readonly RowLoss[] {
  const byRow = new Map<number, { mixture: number; single: number; n: number }>();
  rows.forEach((row, i) => {
    const sums = byRow.get(row) ?? { mixture: 0, single: 0, n: 0 };
    sums.mixture += (predicted[i]! - truth[i]!) ** 2;
    if (single !== null) sums.single += (single.predicted[i]! - truth[i]!) ** 2;
    sums.n += 1;
    byRow.set(row, sums);
  });
  return [...byRow].map(([row, { mixture, single: other, n }]) => {
    return { row, mixture: mixture / n, single: other / n };
  });
}

function groupsOf(
  losses: readonly RowLoss[],
  { regimes, nearBoundary, cards }: Pick<KeptModel, "regimes" | "nearBoundary" | "cards">,
): readonly Group[] {
  const all = groupOf("all", "currentColor", losses);
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
    nRows === 0 ? `${name}, no rows` : `${name}, ${count(nRows, "row")}: ${figure(rmse)}`;
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

function errorsPlot(groups: readonly Group[], target: string, rival: string | null): Html {
  const measured = groups.filter(({ nRows }) => nRows > 0);
  const says = groups.map(({ says: own, nRows, single }) => {
    return nRows === 0 || rival === null ? own : `${own}, ${rival} ${figure(single)}`;
  });
  const row = { ...ROW_MARKS, y: "name" } as const;
  const axis = { grid: true, ticks: 5, zero: true, tickFormat: tick } as const;
  return draw(`Root mean squared error by regime: ${says.join("; ")}.`, {
    height: 50 + ROW_HEIGHT * groups.length,
    marginLeft: 12,
    marginRight: 16,
    x: { ...X_AXIS, label: `RMSE, ${shorten(target)}`, ...axis },
    y: { type: "band", axis: null, domain: groups.map(({ name }) => name) },
    marks: [
      ruleX([0]),
      link(measured, { ...row, x1: "low", x2: "high", stroke: "colour", strokeWidth: 3 }),
      ...(rival === null
        ? []
        : [dot(measured, { ...row, x: "single", r: 7.5, stroke: "colour", strokeWidth: 1.5 })]),
      dot(measured, { ...row, x: "rmse", r: 4.5, fill: "colour" }),
      text(groups, { ...ROW_WORDS, y: "name", dx: 6 }),
    ],
  });
}
