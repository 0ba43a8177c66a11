/** Applying a preprocessing: columns found by name become the matrix that experts see. */
import { BailiwickError } from "../shared/errors.ts";
import type { Matrix } from "../shared/matrix.ts";
import { type ColumnTypes, checkColumnNames } from "./columns.ts";
import type {
  CategoryFeature,
  Feature,
  NumberFeature,
  Preprocessing,
  TargetScale,
} from "./preprocessing.ts";
import type { Column, Table } from "./table.ts";

/** Standardised values are clipped to ± this. */
const CLIP = 6;

/** Matrix columns that a feature takes. */
function widthOf(feature: Feature): number {
  if (feature.type === "category") return feature.levels.length + 1;
  return feature.indicator ? 2 : 1;
}

/** Names of the matrix's columns: "age", "age (missing)", "sex=F", "sex=(unknown)". */
export function matrixColumns({ features }: Preprocessing): readonly string[] {
  return features.flatMap((feature) => {
    const { name } = feature;
    if (feature.type === "number") return feature.indicator ? [name, `${name} (missing)`] : [name];
    return [...feature.levels.map((level) => `${name}=${level}`), `${name}=(unknown)`];
  });
}

/** The column types that a table must be read with for this preprocessing. */
export function schemaTypes({ features }: Preprocessing): ColumnTypes {
  return Object.fromEntries(features.map(({ name, type }) => [name, type]));
}

/**
 * @param rows - Row numbers to take, in this order; all if left out.
 * @returns Shape (rows.length, matrixColumns(preprocessing).length).
 * @throws COLUMN_MISSING naming a column that is needed and the nearest that is there.
 * @throws COLUMN_TYPE if a numeric feature arrives as text.
 */
export function applyPreprocessing(
  preprocessing: Preprocessing,
  table: Table,
  rows?: Int32Array,
): Matrix {
  const { features } = preprocessing;
  const columns = features.map((feature) => findColumn(table, feature));
  const nRows = rows?.length ?? table.nRows;
  const nColumns = features.reduce((sum, feature) => sum + widthOf(feature), 0);
  const values = new Float32Array(nRows * nColumns);
  let offset = 0;
  features.forEach((feature, f) => {
    const write = writerOf(feature, columns[f]!);
    for (let r = 0; r < nRows; r++) {
      write(rows === undefined ? r : rows[r]!, values, r * nColumns + offset);
    }
    offset += widthOf(feature);
  });
  return { values, nRows, nColumns };
}

function findColumn(table: Table, { name, type }: Feature): Column {
  checkColumnNames(
    [name],
    table.columns.map((candidate) => candidate.name),
  );
  const column = table.columns.find((candidate) => candidate.name === name) as Column;
  if (type === "number" && column.type === "category") {
    const found = column.values.find((value) => value !== null);
    if (found === undefined) return column;
    throw new BailiwickError(
      "COLUMN_TYPE",
      `column "${name}" must hold numbers, found "${found}"`,
      { column: name },
    );
  }
  return column;
}

/** Writes one cell's matrix columns at `start`. Modifies `out`. */
type CellWriter = (row: number, out: Float32Array, start: number) => void;

function writerOf(feature: Feature, column: Column): CellWriter {
  return feature.type === "number"
    ? numberWriter(feature, column)
    : categoryWriter(feature, column);
}

function numberWriter(feature: NumberFeature, column: Column): CellWriter {
  const { median, mean, scale, indicator } = feature;
  return (row, out, start) => {
    const value = column.type === "number" ? column.values[row]! : Number.NaN;
    const missing = Number.isNaN(value);
    const standard = ((missing ? median : value) - mean) / scale;
    out[start] = Math.min(CLIP, Math.max(-CLIP, standard));
    if (indicator) out[start + 1] = missing ? 1 : 0;
  };
}

function categoryWriter({ levels }: CategoryFeature, column: Column): CellWriter {
  const places = new Map(levels.map((level, place) => [level, place]));
  return (row, out, start) => {
    const value = column.values[row];
    const known = value == null ? undefined : places.get(String(value));
    out[start + (known ?? levels.length)] = 1;
  };
}

/** Targets in standardised units. Shape as given. */
export function scaleTarget(y: Float64Array, { mean, scale }: TargetScale): Float32Array {
  return Float32Array.from(y, (value) => (value - mean) / scale);
}

/** Predictions back in the target's units. Shape as given. */
export function unscaleTarget(values: ArrayLike<number>, target: TargetScale): Float64Array {
  return Float64Array.from(values, (value) => target.mean + target.scale * value);
}
