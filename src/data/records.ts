/** Rows from a program as tables: of the columns that a model needs, or of all. */
import { BailiwickError } from "../shared/errors.ts";
import type { Matrix } from "../shared/matrix.ts";
import {
  applyPreprocessing,
  applyToNumbers,
  type InputColumn,
  inputColumns,
  schemaTypes,
} from "./apply-preprocessing.ts";
import type { Feature, Preprocessing } from "./preprocessing.ts";
import { missingMarks } from "./reading/cell.ts";
import { type ColumnOptions, typeColumns } from "./reading/columns.ts";
import { columnsOfRows } from "./reading/json.ts";
import {
  checkColumns,
  placeOfRow,
  type RawColumn,
  rawColumn,
  readCells,
} from "./reading/raw-table.ts";
import { typeColumn } from "./reading/type-column.ts";
import type { Column, Table } from "./table.ts";

/**
 * A table of the columns that a model needs, from cells by column name: numbers, texts, null.
 *
 * @throws COLUMN_MISSING, COLUMN_TYPE, VALUE_NOT_FINITE or SHAPE_MISMATCH, naming the column.
 */
export function tableFromColumns(
  columns: Readonly<Record<string, readonly unknown[]>>,
  preprocessing: Preprocessing,
): Table {
  const raw = inputColumns(preprocessing).map(({ name }) => {
    const cells = Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (cells === undefined) {
      throw new BailiwickError("COLUMN_MISSING", `column "${name}" must be given`, {
        column: name,
      });
    }
    return rawColumn(name, cells);
  });
  const lengths = new Set(raw.map(({ length }) => length));
  if (lengths.size > 1) {
    const found = [...lengths].join(" and ");
    throw new BailiwickError("SHAPE_MISMATCH", `columns must be of equal length, got ${found}`);
  }
  const types = schemaTypes(preprocessing);
  return {
    nRows: raw[0]?.length ?? 0,
    columns: raw.map((column) => readColumn(column, types[column.name]!, preprocessing)),
  };
}

/** How a model reads cells: what marks a missing value, and what it learnt of its columns. */
type CellOptions = Pick<ColumnOptions, "missing" | "readings">;

/** A column of a known type: only the marks that were learnt are missing values. */
function readColumn(
  raw: RawColumn,
  type: InputColumn["type"],
  { missing, readings = [] }: CellOptions,
): Column {
  const typer = { missing: missingMarks(missing), placeOf: placeOfRow };
  const reading = readings.find(({ column }) => column === raw.name);
  const wanted = { type, decimal: reading?.decimal ?? ".", reading, isStrict: true } as const;
  return typeColumn(raw.name, readCells(raw, typer), wanted, typer).column;
}

/** One column from its cells, by a file's rules. @throws COLUMN_TYPE naming the first odd cell. */
export function columnOfCells(
  { name, type }: InputColumn,
  cells: readonly unknown[],
  options: CellOptions,
): Column {
  return readColumn(rawColumn(name, cells), type, options);
}

/** @throws COLUMN_MISSING for a column that all of some rows lack: more than a missing cell. */
export function checkGivenColumns(
  records: readonly Readonly<Record<string, unknown>>[],
  preprocessing: Preprocessing,
): void {
  if (records.length === 0) return;
  for (const { name } of inputColumns(preprocessing)) {
    if (records.some((row) => Object.hasOwn(row, name))) continue;
    const message = `column "${name}" must be in at least one row`;
    throw new BailiwickError("COLUMN_MISSING", message, { column: name });
  }
}

/** The same table from row objects; a key that a row lacks is a missing cell. */
export function tableFromRecords(
  records: readonly Readonly<Record<string, unknown>>[],
  preprocessing: Preprocessing,
): Table {
  const columns = inputColumns(preprocessing).map(
    ({ name }) =>
      [name, records.map((row) => (Object.hasOwn(row, name) ? row[name] : null))] as const,
  );
  return tableFromColumns(Object.fromEntries(columns), preprocessing);
}

/**
 * The matrix that experts see of row objects; the same as by a table of them. Rows of finite
 * numbers alone are read in one pass.
 *
 * @throws as `checkGivenColumns`, `tableFromRecords` and `applyPreprocessing`.
 */
export function matrixFromRecords(
  records: readonly Readonly<Record<string, unknown>>[],
  preprocessing: Preprocessing,
): Matrix {
  checkGivenColumns(records, preprocessing);
  const cells = plainCells(records, preprocessing);
  if (cells !== null) return applyToNumbers(preprocessing, cells, records.length);
  return applyPreprocessing(preprocessing, tableFromRecords(records, preprocessing));
}

/** Whether a column is one of numbers, by a name that no object has of itself. */
function isPlain(feature: Feature): boolean {
  if (feature.type !== "number" || feature.name in {}) return false;
  return feature.from === undefined && feature.constant === undefined;
}

/** Cells row by row; null unless every column is plain, and every cell finite or missing. */
function plainCells(
  records: readonly Readonly<Record<string, unknown>>[],
  { features, missing }: Preprocessing,
): Float64Array | null {
  if (missing !== undefined || !features.every(isPlain)) return null;
  const names = features.map(({ name }) => name);
  const cells = new Float64Array(records.length * names.length);
  let at = 0;
  for (const row of records) {
    if (Object.getPrototypeOf(row) !== Object.prototype) return null;
    for (const name of names) {
      const cell = row[name] ?? null;
      if (cell !== null && !Number.isFinite(cell)) return null;
      cells[at++] = cell === null ? Number.NaN : Number(cell);
    }
  }
  return cells;
}

/**
 * A table of row objects as a file of them would give it: a key that a row lacks is a missing cell.
 *
 * @throws DATA_EMPTY without rows or keys; COLUMN_MISSING if an option names a column that no row
 *   has; COLUMN_TYPE or VALUE_NOT_FINITE naming the column and the row, counted from 1.
 */
export function tableOfObjects(
  rows: readonly Readonly<Record<string, unknown>>[],
  options: ColumnOptions = {},
): Table {
  if (rows.length === 0) {
    throw new BailiwickError("DATA_EMPTY", "the list of rows must not be empty");
  }
  const columns = columnsOfRows(rows);
  checkColumns(columns);
  return typeColumns({ columns, placeOf: placeOfRow }, options);
}
