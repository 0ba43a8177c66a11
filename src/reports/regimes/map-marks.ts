/** The marks of a map: the gate's areas or the model's line below, rows above, numbers on top. */
import { contour, dot, line, type Markish, rect, ruleX, text } from "@observablehq/plot";
import { colourOf } from "../draw.ts";
import type { LineMap, PlaneMap, RegimeMap } from "../facts/index.ts";

const AREA_OPACITY = 0.2;
/** A run of the line has a number if it covers this share of the axis. */
const MIN_RUN_SHARE = 0.04;
/** A projection that tells the regimes of fewer rows has no place for their numbers. */
const MIN_TOLD = 0.8;
const NUMBER = {
  fill: "currentColor",
  stroke: "var(--page)",
  strokeWidth: 5,
  fontSize: 17,
  fontWeight: 700,
} as const;

export function marksOf(map: RegimeMap): Markish[] {
  if (map.kind === "line") return [rowMarks(map), ...lineMarks(map)];
  if (map.kind === "plane") return [...areaMarks(map), rowMarks(map), numberMarks(map)];
  return map.separated >= MIN_TOLD ? [rowMarks(map), numberMarks(map)] : [rowMarks(map)];
}

/** Rows as dots, those near a boundary as rings. */
function rowMarks({ points }: RegimeMap): Markish[] {
  const all = [...points.x.keys()];
  const place = { x: (p: number) => points.x[p]!, y: (p: number) => points.y[p]! };
  const colour = (p: number): string => colourOf(points.regimes[p]!);
  const isNear = (p: number): boolean => points.nearBoundary[p] === 1;
  return [
    dot(
      all.filter((p) => !isNear(p)),
      { ...place, r: 1.8, fill: colour, fillOpacity: 0.8 },
    ),
    dot(all.filter(isNear), { ...place, r: 2.6, stroke: colour, strokeWidth: 1.4 }),
  ];
}

/** Smooth contours between numbers; one rectangle a run of cells where an axis has levels. */
function areaMarks(map: PlaneMap): Markish[] {
  const { x, y, grid, nRegimes } = map;
  if (x.levels !== null || y.levels !== null) return cellMarks(map);
  const place = { x1: x.from, x2: x.to, y1: y.from, y2: y.to, width: grid.nX, height: grid.nY };
  return Array.from({ length: nRegimes }, (_, k) => {
    const lead = leadOf(map, k);
    const options = { ...place, value: lead, interpolate: "none" as const, thresholds: [0] };
    if (!lead.some((value) => value > 0)) return [];
    return [
      contour(lead, { ...options, fill: colourOf(k), fillOpacity: AREA_OPACITY, stroke: "none" }),
      contour(lead, { ...options, stroke: "currentColor", strokeWidth: 1.2 }),
    ];
  }).flat();
}

/** How far a regime's score is above the best other, in every cell. */
function leadOf({ grid: { scores }, nRegimes }: PlaneMap, regime: number): Float64Array {
  return Float64Array.from({ length: scores.length / nRegimes }, (_, cell) => {
    let best = 0;
    for (let k = 0; k < nRegimes; k++) {
      if (k !== regime) best = Math.max(best, scores[cell * nRegimes + k]!);
    }
    return scores[cell * nRegimes + regime]! - best;
  });
}

interface Run {
  readonly regime: number;
  readonly from: number;
  readonly to: number;
}

/** Neighbouring equal regimes as runs of places, `to` not included. */
function runsOf(regimes: ArrayLike<number>): readonly Run[] {
  const starts = Array.from(regimes, (_, place) => place).filter(
    (place) => place === 0 || regimes[place] !== regimes[place - 1],
  );
  return starts.map((from, s) => ({
    regime: regimes[from]!,
    from,
    to: starts[s + 1] ?? regimes.length,
  }));
}

function cellMarks(map: PlaneMap): Markish[] {
  const { x, y, grid, nRegimes } = map;
  const width = (x.to - x.from) / grid.nX;
  const height = (y.to - y.from) / grid.nY;
  const leads = Array.from({ length: nRegimes }, (_, k) => leadOf(map, k));
  const rows = Array.from({ length: grid.nY }, (_, r) => {
    const regimes = Array.from({ length: grid.nX }, (_cell, c) => {
      return Math.max(
        0,
        leads.findIndex((lead) => lead[r * grid.nX + c]! > 0),
      );
    });
    return runsOf(regimes).map(({ regime, from, to }) => ({
      regime,
      x1: x.from + from * width,
      x2: x.from + to * width,
      y1: y.from + r * height,
      y2: y.from + (r + 1) * height,
    }));
  }).flat();
  const fill = ({ regime }: { readonly regime: number }): string => colourOf(regime);
  return [
    rect(rows, {
      x1: "x1",
      x2: "x2",
      y1: "y1",
      y2: "y2",
      fill,
      fillOpacity: AREA_OPACITY,
      inset: 0.5,
    }),
  ];
}

/** The model's answers, broken at every boundary, and the regimes' numbers above. */
function lineMarks({ x, line: own, nRegimes }: LineMap): Markish[] {
  const runs = runsOf(own.regimes);
  const place = { x: (s: number) => own.x[s]!, y: (s: number) => own.answers[s]! };
  const steps = [...own.x.keys()];
  if (x.levels !== null) {
    return [dot(steps, { ...place, symbol: "plus", r: 6, stroke: "currentColor", strokeWidth: 2 })];
  }
  const runOf = (s: number): number => runs.findIndex(({ to }) => s < to);
  const answers = line(steps, { ...place, z: runOf, stroke: "currentColor", strokeWidth: 2 });
  if (nRegimes === 1) return [answers];
  const boundaries = runs.slice(1).map(({ from }) => (own.x[from - 1]! + own.x[from]!) / 2);
  const wide = runs.filter(({ from, to }) => to - from >= MIN_RUN_SHARE * own.x.length);
  return [
    ruleX(boundaries, { stroke: "currentColor", strokeDasharray: "4,3" }),
    answers,
    text(wide, {
      ...NUMBER,
      x: ({ from, to }: Run) => (own.x[from]! + own.x[to - 1]!) / 2,
      text: ({ regime }: Run) => String(regime),
      frameAnchor: "top",
      dy: -6,
    }),
  ];
}

/** Each regime's number at the row that is farthest from rows of others and from the frame. */
function numberMarks({ x, y, points, nRegimes }: RegimeMap): Markish {
  const px = points.x.map((value) => (value - x.from) / (x.to - x.from));
  const py = points.y.map((value) => (value - y.from) / (y.to - y.from));
  const clearance = (p: number): number => {
    let least = Math.min(px[p]!, 1 - px[p]!, py[p]!, 1 - py[p]!) ** 2;
    for (let q = 0; q < px.length; q++) {
      if (points.regimes[q] === points.regimes[p]) continue;
      least = Math.min(least, (px[p]! - px[q]!) ** 2 + (py[p]! - py[q]!) ** 2);
    }
    return least;
  };
  const clearest = new Map<number, { readonly p: number; readonly clear: number }>();
  points.regimes.forEach((k, p) => {
    const clear = clearance(p);
    if (clear > (clearest.get(k)?.clear ?? -1)) clearest.set(k, { p, clear });
  });
  const shown = Array.from({ length: nRegimes }, (_, k) => k).filter((k) => clearest.has(k));
  return text(shown, {
    ...NUMBER,
    x: (k: number) => points.x[clearest.get(k)!.p]!,
    y: (k: number) => points.y[clearest.get(k)!.p]!,
    text: (k: number) => String(k),
  });
}
