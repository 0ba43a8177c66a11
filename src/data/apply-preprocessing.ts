/** Applies a preprocessing: columns, matched by name, become the matrix that experts see. */
import { BailiwickError } from "../shared/errors.ts";
import type { Matrix } from "../shared/matrix.ts";
import { datePart, momentsOf } from "./date-features.ts";
import { effectsOf } from "./level-effects.ts";
import { levelPlaces } from "./level-places.ts";
import {
  type CategoryFeature,
  type Feature,
  featureWidth,
  matrixWidth,
  type NumberFeature,
  type Preprocessing,
} from "./preprocessing.ts";
import type { ColumnOptions, ColumnTypes } from "./reading/columns.ts";
import { isMissing, standardise } from "./scaling.ts";
import type { Column, Table } from "./table.ts";

/** Names of the matrix's columns: "age", "age (missing)", "sex=F", "sex=(unknown)". */
export function matrixColumns({ features }: Preprocessing): readonly string[] {
  return features.flatMap((feature) => {
    const { name } = feature;
    if (feature.type === "number") return feature.indicator ? [name, `${name} (missing)`] : [name];
    return [...feature.levels.map((level) => `${name}=${level}`), `${name}=(unknown)`];
  });
}

/** A column that a model reads. */
export interface InputColumn {
  readonly name: string;
  readonly type: "number" | "category" | "date";
}

/** The columns of the user's tables that features are made of, in the features' order. */
export function inputColumns({
  features,
}: Pick<Preprocessing, "features">): readonly InputColumn[] {
  const types = new Map<string, InputColumn["type"]>();
  for (const feature of features) {
    if (feature.type === "number" && feature.from !== undefined) {
      types.set(feature.from.column, "part" in feature.from ? "date" : "category");
    } else types.set(feature.name, feature.type);
  }
  return Array.from(types, ([name, type]) => ({ name, type }));
}

/** The column types that a table needs for this preprocessing. */
export function schemaTypes(preprocessing: Pick<Preprocessing, "features">): ColumnTypes {
  const empty = new Set(preprocessing.features.filter(isEmpty).map(({ name }) => name));
  return Object.fromEntries(
    inputColumns(preprocessing).map(({ name, type }) => [
      name,
      empty.has(name) ? "category" : type,
    ]),
  );
}

/** Whether a column had no values in training: it has no effect, whatever its cells hold later. */
function isEmpty({ type, constant }: Feature): boolean {
  return type === "number" && constant === "no values";
}

/** How to read a table for this preprocessing: types, marks of missing values, and readings. */
export function schemaOptions(preprocessing: Preprocessing): ColumnOptions {
  const { missing, readings } = preprocessing;
  return { types: schemaTypes(preprocessing), missing, readings };
}

/** A table with a column for each feature: those that are parts of dates are computed. */
export function featureTable({ features }: Preprocessing, table: Table): Table {
  return { ...table, columns: features.map(columnFinder(table)) };
}

/**
 * @param rows - Row numbers to take, in this order. Default: all.
 * @returns Shape (rows.length, matrixColumns(preprocessing).length).
 * @throws COLUMN_MISSING naming the column that is missing.
 * @throws COLUMN_TYPE if the column of a numeric feature holds text.
 */
export function applyPreprocessing(
  preprocessing: Preprocessing,
  table: Table,
  rows?: Int32Array,
): Matrix {
  const { features } = preprocessing;
  const columns = features.map(columnFinder(table));
  const nRows = rows?.length ?? table.nRows;
  const nColumns = matrixWidth(features);
  const values = new Float32Array(nRows * nColumns);
  let offset = 0;
  features.forEach((feature, f) => {
    fillFeature(feature, columns[f]!, rows, { values, nColumns, offset });
    offset += featureWidth(feature);
  });
  return { values, nRows, nColumns };
}

/** The column of each feature. The texts of a column of dates are read once for all its parts. */
function columnFinder(table: Table): (feature: Feature) => Column {
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  const columnOf = (name: string): Column => {
    const column = byName.get(name);
    if (column !== undefined) return column;
    throw new BailiwickError("COLUMN_MISSING", `column "${name}" must exist`, { column: name });
  };
  const read = new Map<string, Float64Array>();
  const momentsIn = (source: string): Float64Array => {
    const moments = read.get(source) ?? momentsOf(columnOf(source));
    read.set(source, moments);
    return moments;
  };
  return (feature) => {
    const { name } = feature;
    if (feature.type === "number" && feature.from !== undefined && !byName.has(name)) {
      const { from } = feature;
      if ("part" in from) {
        return { type: "number", name, values: datePart(momentsIn(from.column), from.part) };
      }
      return { type: "number", name, values: effectsOf(columnOf(from.column), from) };
    }
    return checkType(columnOf(name), feature);
  };
}

/** @throws COLUMN_TYPE if the column of a numeric feature holds text. */
function checkType(column: Column, feature: Feature): Column {
  const { name, type } = feature;
  if (type === "category" || column.type === "number") return column;
  if (isEmpty(feature)) {
    return {
      type: "number",
      name,
      values: new Float64Array(column.values.length).fill(Number.NaN),
    };
  }
  const text = column.values.find((value) => value !== null);
  if (text === undefined) return column;
  throw new BailiwickError("COLUMN_TYPE", `column "${name}" must hold numbers, found "${text}"`, {
    column: name,
  });
}

/**
 * The same matrix from numbers only, row-major, with a column for each feature in their order.
 *
 * @param cells - NaN where missing. Shape (nRows, features.length).
 */
export function applyToNumbers(
  { features }: Preprocessing,
  cells: Float64Array,
  nRows: number,
): Matrix {
  const nColumns = matrixWidth(features);
  const values = new Float32Array(nRows * nColumns);
  let offset = 0;
  features.forEach((feature, f) => {
    const column = { cells, start: f, stride: features.length };
    if (feature.type !== "number") {
      throw new BailiwickError("COLUMN_TYPE", `column "${feature.name}" must be of numbers`);
    }
    fillNumbers(feature, column, { values, nColumns, offset });
    offset += featureWidth(feature);
  });
  return { values, nRows, nColumns };
}

/** The place of a feature's matrix columns: row r's start at `r * nColumns + offset`. */
interface Place {
  readonly values: Float32Array;
  readonly nColumns: number;
  readonly offset: number;
}

/** The cells of a column: row r's is `cells[start + r * stride]`. */
interface Cells {
  readonly cells: Float64Array;
  readonly start: number;
  readonly stride: number;
}

/** Writes a feature's matrix columns, with a loop for each. Modifies `place.values`. */
function fillFeature(
  feature: Feature,
  column: Column,
  rows: Int32Array | undefined,
  place: Place,
): void {
  if (feature.type === "category") fillLevels(feature, column, rows, place);
  else fillNumbers(feature, numbersOf(column, rows), place);
}

/** A column's numbers at the given rows. A category column here holds missing cells only. */
function numbersOf(column: Column, rows: Int32Array | undefined): Cells {
  const { values } = column;
  if (column.type === "category") {
    const cells = new Float64Array(rows?.length ?? values.length).fill(Number.NaN);
    return { cells, start: 0, stride: 1 };
  }
  const cells = rows === undefined ? column.values : new Float64Array(rows.length);
  if (rows !== undefined) for (let r = 0; r < rows.length; r++) cells[r] = column.values[rows[r]!]!;
  return { cells, start: 0, stride: 1 };
}

function fillNumbers(
  feature: NumberFeature,
  { cells, start, stride }: Cells,
  { values: out, nColumns, offset }: Place,
): void {
  for (let from = start, to = offset; to < out.length; from += stride, to += nColumns) {
    writeNumber(feature, cells[from]!, out, to);
  }
}

/** Writes the columns of a number, NaN if it is missing, from place `at`. Modifies `out`. */
export function writeNumber(
  feature: NumberFeature,
  value: number,
  out: Float32Array,
  at: number,
): void {
  const missing = isMissing(feature, value);
  const filled = missing ? feature.median : value;
  out[at] = feature.constant === undefined ? standardise(feature, filled) : 0;
  if (feature.indicator) out[at + 1] = missing ? 1 : 0;
}

function fillLevels(
  feature: CategoryFeature,
  column: Column,
  rows: Int32Array | undefined,
  { values: out, nColumns, offset }: Place,
): void {
  const placeOf = levelPlaces(feature);
  for (let start = offset, r = 0; start < out.length; start += nColumns, r++) {
    const place = placeOf(column.values[rows === undefined ? r : rows[r]!]);
    if (place >= 0) out[start + place] = 1;
  }
}
