/** How near are answers to the truth, over its whole range? Two pictures of the same rows. */
import { dot, line, ruleY } from "@observablehq/plot";
import { correlation } from "../../shared/statistics.ts";
import { count, figure, shorten, tick } from "../../shared/wording.ts";
import { colourOf, draw, legend, X_AXIS } from "../draw.ts";
import type { AnsweredRows, KeptModel } from "../facts/index.ts";
import { figureHtml, type Html, html } from "../html.ts";
import { rowsInWords } from "./rows-in-words.ts";

/** Points of a picture; more are thinned evenly. */
const MAX_POINTS = 1000;
const HEIGHT = 340;
/** Where axes have room for their names. */
const FRAME = { height: HEIGHT, marginLeft: 54, marginTop: 30, marginRight: 12 } as const;

interface Point {
  readonly truth: number;
  readonly predicted: number;
  readonly regime: number;
}

interface Drawn {
  readonly points: readonly Point[];
  readonly target: string;
  readonly nRegimes: number;
}

export function agreementSection(
  answers: AnsweredRows,
  { regimes, cards }: Pick<KeptModel, "regimes" | "cards">,
  target: string,
): Html {
  const all = pointsOf(answers, regimes);
  const points = thin(all);
  const nRegimes = Math.max(1, cards.length);
  const rows = rowsInWords(answers);
  const shown =
    points.length === all.length
      ? `All ${rows}`
      : `${count(points.length, "point")}, taken evenly from ${rows}`;
  const coloured = nRegimes === 1 ? "" : ", coloured by the regime that the model gives them";
  const drawn = { points, target, nRegimes };
  const caption = `${shown}${coloured}. On the line, answer and truth are equal.`;
  return html`<section>
<h2>Predicted and true</h2>
${figureHtml(withLegend(agreementPlot(drawn), nRegimes), caption)}
</section>`;
}

export function residualsSection(
  answers: AnsweredRows,
  { regimes, cards }: Pick<KeptModel, "regimes" | "cards">,
  target: string,
): Html {
  const points = thin(pointsOf(answers, regimes));
  const nRegimes = Math.max(1, cards.length);
  const caption =
    "Answer less truth, against the answer. Points that lie evenly around the line leave nothing " +
    "to learn; a bend or a funnel says where the model errs.";
  return html`<section>
<h2>What is left over</h2>
${figureHtml(withLegend(residualsPlot({ points, target, nRegimes }), nRegimes), caption)}
</section>`;
}

function withLegend(picture: Html, nRegimes: number): Html {
  return nRegimes === 1 ? picture : html`${picture}${legend(nRegimes, "regime")}`;
}

function pointsOf({ rows, truth, predicted }: AnsweredRows, regimes: Int32Array) {
  return Array.from(truth, (value, i): Point => {
    return { truth: value, predicted: predicted[i]!, regime: regimes[rows[i]!] ?? 0 };
  });
}

/** At most MAX_POINTS of the points, evenly spaced: the same for the same rows. */
function thin(all: readonly Point[]): readonly Point[] {
  const stride = Math.max(1, all.length / MAX_POINTS);
  const kept = Math.min(all.length, MAX_POINTS);
  return Array.from({ length: kept }, (_, p) => all[Math.floor(p * stride)]!);
}

function agreementPlot({ points, target, nRegimes }: Drawn): Html {
  const values = points.flatMap(({ truth, predicted }) => [truth, predicted]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const axis = { domain: [low, high], inset: 4, grid: true, ticks: 6, tickFormat: tick } as const;
  const name = shorten(target);
  const [truths, answers] = [points.map(({ truth }) => truth), points.map((p) => p.predicted)];
  const says =
    `Predicted against true ${target} of ${count(points.length, "row")}, ` +
    `${figure(low)} to ${figure(high)}, correlation ${correlation(truths, answers).toFixed(3)}.`;
  return draw(says, {
    ...FRAME,
    x: { ...X_AXIS, ...axis, label: `true ${name}` },
    y: { ...axis, label: `predicted ${name}`, labelArrow: false },
    marks: [
      line([low, high], { x: (v: number) => v, y: (v: number) => v, stroke: "var(--faint)" }),
      pointMarks(points, nRegimes, ({ truth, predicted }) => [truth, predicted]),
    ],
  });
}

function residualsPlot({ points, target, nRegimes }: Drawn): Html {
  const errors = points.map(({ truth, predicted }) => predicted - truth).sort((a, b) => a - b);
  const at = (share: number): string => figure(errors[Math.floor(share * (errors.length - 1))]!);
  const most = Math.max(...errors.map(Math.abs));
  const says =
    `Error against predicted ${target} of ${count(points.length, "row")}: half lie between ` +
    `${at(0.25)} and ${at(0.75)}, nine in ten between ${at(0.05)} and ${at(0.95)}.`;
  const axis = { inset: 4, grid: true, ticks: 6, tickFormat: tick } as const;
  return draw(says, {
    ...FRAME,
    x: { ...X_AXIS, ...axis, label: `predicted ${shorten(target)}` },
    y: { ...axis, domain: [-most, most], label: "error", labelArrow: false },
    marks: [
      ruleY([0], { stroke: "var(--faint)" }),
      pointMarks(points, nRegimes, ({ truth, predicted }) => [predicted, predicted - truth]),
    ],
  });
}

/** Dots of one colour are drawn as one mark, which keeps the page light. */
function pointMarks(
  points: readonly Point[],
  nRegimes: number,
  place: (point: Point) => readonly [x: number, y: number],
) {
  const x = (point: Point): number => place(point)[0];
  const y = (point: Point): number => place(point)[1];
  return Array.from({ length: nRegimes }, (_, k) =>
    dot(
      points.filter(({ regime }) => regime === k),
      { x, y, r: 2.2, fill: colourOf(k), fillOpacity: 0.6 },
    ),
  );
}
