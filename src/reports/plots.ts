/**
 * The report's pictures, drawn by Observable Plot to SVG without a browser.
 *
 * Colours are CSS variables of the page, so that one picture serves light and dark. Each returns
 * SVG as text whose label says what it shows.
 */
import {
  areaY,
  axisX,
  axisY,
  dot,
  line,
  link,
  type Markish,
  type PlotOptions,
  plot,
  ruleX,
  ruleY,
  text,
} from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { ExperimentResult, Method, SplitPredictions } from "../experiments/index.ts";
import type { Candidate, RoundRecord } from "../mixture/index.ts";
import { figure, METHOD_NAMES } from "./names.ts";

const WIDTH = 460;
const FONT_SIZE = "11px";
const COLOURS = 8;
/** Points of a scatter plot; more are thinned evenly. */
const MAX_POINTS = 2000;

const colourOf = (expert: number): string => `var(--c${expert % COLOURS})`;

/** Draws to SVG text with a label for those who do not see it. */
function draw(label: string, options: PlotOptions): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg = plot({
    document,
    width: WIDTH,
    marginBottom: 44,
    style: { fontSize: FONT_SIZE, background: "none", overflow: "visible" },
    ...options,
  });
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  return svg.outerHTML;
}

/** Each method's error: mean and standard error over the splits, and every split. */
export function comparisonPlot({ summary, splits, dataset }: ExperimentResult): string {
  const methods = Object.keys(summary.methods) as Method[];
  const rows = methods.map((method) => {
    const { mean, se } = summary.methods[method]!.rmse;
    return { method: METHOD_NAMES[method], low: mean - se, mean, high: mean + se };
  });
  const points = splits.flatMap((split) =>
    methods.map((method) => ({ method: METHOD_NAMES[method], rmse: split.methods[method]!.rmse })),
  );
  const said = rows.map(({ method, mean }) => `${method} ${figure(mean)}`).join(", ");
  return draw(`Root mean squared error by method: ${said}`, {
    height: 60 + 28 * rows.length,
    marginLeft: 165,
    x: { label: `rmse of ${dataset.target}, lower is better`, grid: true, nice: true },
    y: { label: null, domain: rows.map(({ method }) => method) },
    marks: [
      dot(points, { x: "rmse", y: "method", r: 3, fill: "currentColor", fillOpacity: 0.3 }),
      link(rows, { x1: "low", x2: "high", y: "method", stroke: "var(--c0)", strokeWidth: 2 }),
      dot(rows, { x: "mean", y: "method", r: 5, fill: "var(--c0)" }),
    ],
  });
}

/** Predictions against the truth on test rows, coloured by expert. */
export function scatterPlot(predictions: readonly SplitPredictions[], target: string): string {
  const all = predictions.flatMap(({ truth, mixture, experts }) =>
    Array.from(truth, (value, i) => ({
      truth: value,
      predicted: mixture[i]!,
      expert: experts[i]!,
    })),
  );
  const stride = Math.max(1, all.length / MAX_POINTS);
  const count = Math.min(all.length, MAX_POINTS);
  const points = Array.from({ length: count }, (_, p) => all[Math.floor(p * stride)]!);
  const values = points.flatMap(({ truth, predicted }) => [truth, predicted]);
  const domain = [Math.min(...values), Math.max(...values)];
  return draw(`Predicted against true ${target} for ${all.length} test rows, near the diagonal`, {
    height: 400,
    marginLeft: 56,
    x: { label: `true ${target}`, grid: true, domain },
    y: { label: `predicted ${target}`, grid: true, domain },
    marks: [
      line(
        domain.map((value) => [value, value]),
        {
          stroke: "currentColor",
          strokeOpacity: 0.5,
        },
      ),
      dot(points, {
        x: "truth",
        y: "predicted",
        r: 2.5,
        fill: (p: { expert: number }) => colourOf(p.expert),
        fillOpacity: 0.6,
      }),
    ],
  });
}

/** The root mean squared error on the test rows of each expert, split by split. */
export function expertPlot({ splits, dataset }: ExperimentResult): string {
  const points = splits.flatMap(({ split, perExpert }) =>
    perExpert.flatMap(({ nSamples, mse }, k) =>
      mse === null
        ? []
        : [{ place: `split ${split}, expert ${k}`, k, rmse: Math.sqrt(mse), nSamples }],
    ),
  );
  const said = points.map(({ place, rmse }) => `${place} ${figure(rmse)}`).join(", ");
  return draw(`Root mean squared error by expert: ${said}`, {
    height: 64 + 22 * points.length,
    marginLeft: 100,
    marginRight: 64,
    x: { label: `rmse of ${dataset.target}`, grid: true, zero: true },
    y: { label: null, domain: points.map(({ place }) => place) },
    marks: [
      ruleX([0]),
      link(points, { x1: 0, x2: "rmse", y: "place", stroke: colourByExpert, strokeWidth: 3 }),
      dot(points, { x: "rmse", y: "place", r: 5, fill: colourByExpert }),
      text(points, {
        x: "rmse",
        y: "place",
        text: (p: { nSamples: number }) => `${p.nSamples} rows`,
        dx: 10,
        textAnchor: "start",
        fill: "currentColor",
      }),
    ],
  });
}

const colourByExpert = ({ k }: { readonly k: number }): string => colourOf(k);

/** Hold-out error by number of experts, with its standard error to the best. */
export function candidatesPlot(candidates: readonly Candidate[]): string {
  const rows = candidates.map(({ nExperts, holdOutMse, standardError }) => ({
    nExperts: String(nExperts),
    low: holdOutMse - standardError,
    mse: holdOutMse,
    high: holdOutMse + standardError,
  }));
  const said = rows.map(({ nExperts, mse }) => `${nExperts}: ${figure(mse)}`).join(", ");
  return draw(`Held-out squared error by number of experts: ${said}`, {
    height: 240,
    marginLeft: 56,
    x: { label: "experts tried", type: "point", domain: rows.map(({ nExperts }) => nExperts) },
    y: { label: "held-out mse, standardised", grid: true, nice: true },
    marks: [
      link(rows, { x: "nExperts", y1: "low", y2: "high", stroke: "var(--c0)", strokeWidth: 2 }),
      dot(rows, { x: "nExperts", y: "mse", r: 5, fill: "var(--c0)" }),
    ],
  });
}

/** Who held how much of the rows, round by round. */
export function roundsPlot(rounds: readonly RoundRecord[]): string {
  const shares = rounds.flatMap(({ shares: own }, round) =>
    own.map((share, k) => ({ round: round + 1, share, k })),
  );
  const last = rounds.at(-1)!.shares.map((share, k) => `expert ${k} ${(100 * share).toFixed(0)} %`);
  const marks: Markish[] = [
    areaY(shares, {
      x: "round",
      y: "share",
      z: "k",
      fill: colourByExpert,
      fillOpacity: 0.75,
    }),
    ruleY([0]),
    axisX({ ticks: rounds.length, tickFormat: (d: number) => String(d) }),
    axisY({ tickFormat: (d: number) => `${Math.round(100 * d)} %` }),
  ];
  return draw(`Share of the rows by expert and round, in the end ${last.join(", ")}`, {
    height: 240,
    marginLeft: 52,
    x: { label: "round", domain: [1, rounds.length] },
    y: { label: "share of the rows", domain: [0, 1] },
    marks,
  });
}
