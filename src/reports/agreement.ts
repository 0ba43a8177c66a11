/** How near are predictions to the truth, and of which regime are they? */
import { dot, line } from "@observablehq/plot";
import type { KeptModel, SplitPredictions } from "../experiments/index.ts";
import { count, figure, shorten, tick } from "../shared/wording.ts";
import { colourOf, draw, legend, X_AXIS } from "./draw.ts";
import { figureHtml, type Html, html, NOTHING } from "./html.ts";

/** Points of the picture; more are thinned evenly. */
const MAX_POINTS = 2000;

interface Point {
  readonly truth: number;
  readonly predicted: number;
  readonly regime: number;
}

/** @param predictions - Of every split, on its test rows. */
export function agreementSection(
  predictions: readonly SplitPredictions[],
  { regimes, cards }: Pick<KeptModel, "regimes" | "cards">,
  target: string,
): Html {
  const all = predictions.flatMap((prediction) => pointsOf(prediction, regimes));
  if (all.length === 0) return NOTHING;
  const points = thin(all);
  const nRegimes = cards.length;
  const shown =
    points.length === all.length
      ? `All ${count(all.length, "test row")}`
      : `${count(points.length, "test row")} of ${all.length.toLocaleString("en")}, taken evenly`;
  const coloured = nRegimes === 1 ? "" : ", coloured by the regime that the model kept gives them";
  const caption = `${shown}${coloured}. On the line, prediction and truth are equal.`;
  return html`<section>
<h2>Predicted and true</h2>
${figureHtml(agreementPlot(points, target, nRegimes), caption)}
</section>`;
}

function pointsOf(
  { rows, truth, mixture }: SplitPredictions,
  regimes: Int32Array,
): readonly Point[] {
  return Array.from(truth, (value, i) => ({
    truth: value,
    predicted: mixture[i]!,
    regime: regimes[rows[i]!]!,
  }));
}

/** At most MAX_POINTS of the points, evenly spaced: the same for the same run. */
function thin(all: readonly Point[]): readonly Point[] {
  const stride = Math.max(1, all.length / MAX_POINTS);
  const kept = Math.min(all.length, MAX_POINTS);
  return Array.from({ length: kept }, (_, p) => all[Math.floor(p * stride)]!);
}

function agreementPlot(points: readonly Point[], target: string, nRegimes: number): Html {
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
        fill: ({ regime }: Point) => colourOf(regime),
        fillOpacity: 0.75,
      }),
      line([low, high], { x: (v: number) => v, y: (v: number) => v, stroke: "currentColor" }),
    ],
  });
  return nRegimes === 1 ? picture : html`${picture}${legend(nRegimes, "regime")}`;
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
