/**
 * The map of a model's regimes as plain data for a picture: rows in two columns and, if the model
 * has no other features, the gate's scores on a grid.
 *
 * A position on an axis is a number in the user's units, or the place of a level, 0, 1, …
 */
import type { Column, Table } from "../../data/index.ts";
import type { Engine } from "../../experts/index.ts";
import { type Model, predict } from "../../mixture/index.ts";
import { createRng } from "../../shared/rng.ts";
import { separatingPair } from "./separating-pair.ts";

export interface MapAxis {
  readonly name: string;
  /** The levels at 0, 1, …; null if the axis has numbers. */
  readonly levels: readonly string[] | null;
  readonly from: number;
  readonly to: number;
}

/** Rows on the map. All arrays have the same length. */
export interface MapPoints {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly regimes: Int32Array;
  /** 1 for rows near a boundary. */
  readonly nearBoundary: Uint8Array;
}

export interface Drawn {
  readonly x: MapAxis;
  readonly y: MapAxis;
  readonly points: MapPoints;
  readonly nRegimes: number;
  /** Number of rows, and of rows without a place: a value is missing, or a level is rare. */
  readonly nRows: number;
  readonly nPlaceless: number;
}

/** One feature: the target against it, with the model's answers. */
export interface LineMap extends Drawn {
  readonly kind: "line";
  /** Ascending in x. Shape (nSteps,). */
  readonly line: {
    readonly x: Float64Array;
    readonly answers: Float64Array;
    readonly regimes: Int32Array;
  };
}

/** Two features: the gate's scores in the middles of a grid's cells. */
export interface PlaneMap extends Drawn {
  readonly kind: "plane";
  readonly grid: {
    readonly nX: number;
    readonly nY: number;
    /** Shape (nY, nX, nRegimes), the least y first. */
    readonly scores: Float64Array;
  };
}

/** More features: the rows alone, in the two that tell regimes apart best. */
export interface ProjectionMap extends Drawn {
  readonly kind: "projection";
  /** Share of rows whose regime the two features predict, and the share of the largest regime. */
  readonly separated: number;
  readonly largest: number;
  /** Features that the map does not draw. */
  readonly nOthers: number;
}

export type RegimeMap = LineMap | PlaneMap | ProjectionMap;

/** The rows that a model was fitted on, with their regimes. */
export interface MappedRows {
  readonly features: Table;
  readonly y: Float64Array;
  readonly targetName: string;
  /** Shape (features.nRows,). */
  readonly regimes: Int32Array;
  readonly nearBoundary: Uint8Array;
  readonly nRegimes: number;
}

/** Most rows drawn; of more rows, an even sample of this size. */
const MAX_POINTS = 1500;
const GRID_CELLS = 120;
const LINE_STEPS = 240;
/** Most levels on an axis; of more levels, the most frequent ones. */
const MAX_LEVELS = 12;
/** Axes of numbers extend beyond the rows by this share. */
const MARGIN_SHARE = 0.02;
/** Rows of one level are spread by this distance to either side. */
const SPREAD = 0.32;

/** null if there is nothing to draw: no feature, or one regime and several features. */
export function mapRegimes(engine: Engine, model: Model, rows: MappedRows): RegimeMap | null {
  const { columns } = rows.features;
  if (columns.length === 0 || (columns.length > 1 && rows.nRegimes === 1)) return null;
  if (columns.length === 1) return lineMap(engine, model, rows);
  if (columns.length === 2) return planeMap(engine, model, rows);
  const { columns: pair, separated } = separatingPair(rows.features, rows.regimes);
  const counts = new Int32Array(rows.nRegimes);
  for (const k of rows.regimes) counts[k]! += 1;
  const largest = Math.max(...counts) / rows.regimes.length;
  const drawn = drawRows(rows, columns[pair[0]]!, columns[pair[1]]!);
  return {
    ...drawn,
    kind: "projection",
    separated: separated,
    largest,
    nOthers: columns.length - 2,
  };
}

function lineMap(engine: Engine, model: Model, rows: MappedRows): LineMap {
  const [feature] = rows.features.columns;
  const target: Column = { type: "number", name: rows.targetName, values: rows.y };
  const drawn = drawRows(rows, feature!, target);
  const steps = stepsOf(drawn.x, LINE_STEPS);
  const table = { nRows: steps.length, columns: [columnAt(drawn.x, steps)] };
  const { values, routes } = predict(engine, model, table);
  const line = { x: steps, answers: values, regimes: routes[0]!.experts };
  return { ...drawn, kind: "line", line };
}

function planeMap(engine: Engine, model: Model, rows: MappedRows): PlaneMap {
  const [first, second] = rows.features.columns;
  const drawn = drawRows(rows, first!, second!);
  const xs = stepsOf(drawn.x, GRID_CELLS);
  const ys = stepsOf(drawn.y, GRID_CELLS);
  const [nX, nY] = [xs.length, ys.length];
  const x = Float64Array.from({ length: nX * nY }, (_, cell) => xs[cell % nX]!);
  const y = Float64Array.from({ length: nX * nY }, (_, cell) => ys[Math.floor(cell / nX)]!);
  const table = { nRows: nX * nY, columns: [columnAt(drawn.x, x), columnAt(drawn.y, y)] };
  const { scores } = predict(engine, model, table).routes[0]!;
  return { ...drawn, kind: "plane", grid: { nX, nY, scores } };
}

/** The middles of an axis' cells: one per level, or `nCells` for numbers. */
function stepsOf({ levels, from, to }: MapAxis, nCells: number): Float64Array {
  if (levels !== null) return Float64Array.from(levels.keys());
  return Float64Array.from({ length: nCells }, (_, c) => from + ((c + 0.5) / nCells) * (to - from));
}

/** The user's column at these positions of an axis. */
function columnAt({ name, levels }: MapAxis, positions: Float64Array): Column {
  if (levels === null) return { type: "number", name, values: positions };
  return { type: "category", name, values: Array.from(positions, (place) => levels[place]!) };
}

function drawRows(rows: MappedRows, first: Column, second: Column): Drawn {
  const { regimes, nearBoundary, nRegimes } = rows;
  const [x, y] = [axisOf(first), axisOf(second)];
  const [px, py] = [positionsOf(first, x, 1), positionsOf(second, y, 2)];
  const placed = Int32Array.from(regimes.keys()).filter(
    (i) => !Number.isNaN(px[i]) && !Number.isNaN(py[i]),
  );
  const step = Math.max(1, placed.length / MAX_POINTS);
  const shown = Int32Array.from({ length: Math.min(placed.length, MAX_POINTS) }, (_, p) => {
    return placed[Math.floor(p * step)]!;
  });
  return {
    x,
    y,
    points: {
      x: Float64Array.from(shown, (i) => px[i]!),
      y: Float64Array.from(shown, (i) => py[i]!),
      regimes: shown.map((i) => regimes[i]!),
      nearBoundary: Uint8Array.from(shown, (i) => nearBoundary[i]!),
    },
    nRegimes,
    nRows: regimes.length,
    nPlaceless: regimes.length - placed.length,
  };
}

function axisOf(column: Column): MapAxis {
  const { name } = column;
  if (column.type === "category") {
    const levels = frequentLevels(column.values);
    return { name, levels, from: -0.5, to: levels.length - 0.5 };
  }
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of column.values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (least > most) return { name, levels: null, from: 0, to: 1 };
  const margin = most > least ? MARGIN_SHARE * (most - least) : 0.5;
  return { name, levels: null, from: least - margin, to: most + margin };
}

/** In alphabetical order. */
function frequentLevels(values: readonly (string | null)[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const level of values) {
    if (level !== null) counts.set(level, (counts.get(level) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, MAX_LEVELS)
    .map(([level]) => level)
    .sort();
}

/** The position of each row on an axis, rows of a level spread a little; NaN for no position. */
function positionsOf(column: Column, { levels }: MapAxis, seed: number): Float64Array {
  if (column.type === "number") return column.values;
  const rng = createRng(seed);
  return Float64Array.from(column.values, (level) => {
    const place = level === null ? -1 : levels!.indexOf(level);
    return place < 0 ? Number.NaN : place + SPREAD * (2 * rng.uniform() - 1);
  });
}
