/** How near are predictions to the truth, and which expert made them? */
import { dot, line } from "@observablehq/plot";
import type { SplitPredictions } from "../experiments/index.ts";
import { colourOf, draw, legend, X_AXIS } from "./draw.ts";
import { figureHtml, type Html, html, NOTHING } from "./html.ts";
import { count, figure, shorten, tick } from "./names.ts";

/** Points of the picture; more are thinned evenly. */
const MAX_POINTS = 2000;

interface Point {
  readonly truth: number;
  readonly predicted: number;
  readonly expert: number;
}

/** @param predictions - Of every split, on its test rows. */
export function agreementSection(predictions: readonly SplitPredictions[], target: string): Html {
  const all = predictions.flatMap(pointsOf);
  if (all.length === 0) return NOTHING;
  const points = thin(all);
  const nExperts = 1 + all.reduce((most, { expert }) => Math.max(most, expert), 0);
  const shown =
    points.length === all.length
      ? `All ${count(all.length, "test row")}`
      : `${count(points.length, "test row")} of ${all.length.toLocaleString("en")}, taken evenly`;
  const coloured =
    nExperts === 1
      ? ""
      : predictions.length === 1
        ? ", coloured by the expert that each is routed to"
        : ", coloured by the number within its split of the expert that each is routed to";
  const caption = `${shown}${coloured}. On the line, prediction and truth are equal.`;
  return html`<section>
<h2>Predicted and true</h2>
${figureHtml(agreementPlot(points, target, nExperts), caption)}
</section>`;
}

function pointsOf({ truth, mixture, experts }: SplitPredictions): readonly Point[] {
  return Array.from(truth, (value, i) => ({
    truth: value,
    predicted: mixture[i]!,
    expert: experts[i]!,
  }));
}

/** At most MAX_POINTS of the points, evenly spaced: the same for the same run. */
function thin(all: readonly Point[]): readonly Point[] {
  const stride = Math.max(1, all.length / MAX_POINTS);
  const kept = Math.min(all.length, MAX_POINTS);
  return Array.from({ length: kept }, (_, p) => all[Math.floor(p * stride)]!);
}

function agreementPlot(points: readonly Point[], target: string, nExperts: number): Html {
  const values = points.flatMap(({ truth, predicted }) => [truth, predicted]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const axis = { domain: [low, high], inset: 4, grid: true, ticks: 6, tickFormat: tick } as const;
  const name = shorten(target);
  const says =
    `Predicted against true ${target} of ${count(points.length, "test row")}, ` +
    `${figure(low)} to ${figure(high)}, correlation ${correlation(points).toFixed(3)}.`;
  const picture = draw(says, {
    height: 372,
    marginLeft: 54,
    marginTop: 30,
    marginRight: 10,
    x: { ...X_AXIS, ...axis, label: `true ${name}` },
    y: { ...axis, label: `predicted ${name}`, labelArrow: false },
    marks: [
      dot(points, {
        x: "truth",
        y: "predicted",
        r: 2,
        fill: ({ expert }: Point) => colourOf(expert),
        fillOpacity: 0.75,
      }),
      line([low, high], { x: (v: number) => v, y: (v: number) => v, stroke: "currentColor" }),
    ],
  });
  return nExperts === 1 ? picture : html`${picture}${legend(nExperts)}`;
}

/** Pearson's; 0 where one side does not vary. */
function correlation(points: readonly Point[]): number {
  const mean = (of: (point: Point) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const truth = mean((point) => point.truth);
  const predicted = mean((point) => point.predicted);
  const product = mean((point) => (point.truth - truth) * (point.predicted - predicted));
  const spreads =
    mean((point) => (point.truth - truth) ** 2) * mean((p) => (p.predicted - predicted) ** 2);
  return spreads > 0 ? product / Math.sqrt(spreads) : 0;
}
