/** Rows from a program (a file's path, a table, plain objects), read for a model. */
import { z } from "zod";
import {
  type ColumnOptions,
  checkColumnNames,
  openData,
  type Preprocessing,
  SEPARATORS,
  type Separator,
  schemaOptions,
  type Table,
  type TextOptions,
  tableOfObjects,
  valuesSha256,
} from "../data/index.ts";
import { ENCODINGS, type Encoding } from "../shared/choices.ts";
import { BailiwickError } from "../shared/errors.ts";
import type { Batch } from "../update/index.ts";

/** A table in memory, and the roles of its columns. */
export interface DataTable {
  /** The file's name, the data set's, or "rows". */
  readonly name: string;
  /** SHA-256 of the file, or of the values of rows from a program. */
  readonly sha256: string;
  /** Every column, and every row. Missing numbers are NaN, missing categories null. */
  readonly table: Table;
  /** The column to predict; null if none was named. */
  readonly target: string | null;
  readonly drop: readonly string[];
  readonly group: string | null;
  /** Warnings about the rows that can be fitted, in sentences; empty if there are none. */
  readonly warnings: readonly string[];
}

/** A row as an object: cells by column name. A number, a text, or null where it is missing. */
export type RowObject = object;

/**
 * Rows: the path of a CSV, TSV, JSON, Arrow or Parquet file, `-` for stdin, a data set's name, a
 * result of `openTable`, or a list of objects. Columns are matched by name; columns that the model
 * does not need are ignored.
 */
export type Rows = string | DataTable | readonly RowObject[];

/** How rows of a file are read. Every setting has a default. */
export interface ReadSettings {
  /** Texts that mark a missing value. Default: those of the model's fit. */
  readonly missing?: readonly string[] | undefined;
  /** Folder of further data sets that have a name. */
  readonly mirror?: string | undefined;
  /** What separates the cells of a CSV file: , ; | or a tab. Default what its rows show. */
  readonly separator?: Separator | undefined;
  /** The decimal mark of numbers in texts. Default what the cells show. */
  readonly decimal?: "." | "," | undefined;
  /** The encoding of a text file. Default what its bytes show. */
  readonly encoding?: Encoding | undefined;
}

export const textShape: {
  readonly [K in "separator" | "decimal" | "encoding"]-?: z.ZodType<ReadSettings[K]>;
} = {
  separator: z.enum(SEPARATORS).optional(),
  decimal: z.enum([".", ","]).optional(),
  encoding: z.enum(ENCODINGS).optional(),
};

export const readShape: { readonly [K in keyof ReadSettings]-?: z.ZodType<ReadSettings[K]> } = {
  missing: z.array(z.string()).optional(),
  mirror: z.string().optional(),
  ...textShape,
};

/** How rows are read, and the columns whose cells the table also keeps as the file has them. */
export interface RowSettings extends ReadSettings {
  readonly carry?: readonly string[] | undefined;
}

/** The columns to read: those of the model's features, with the target, or all with their texts. */
export type ReadColumns = "features" | "features and target" | "all";

/**
 * Reads rows with the column types of a model.
 *
 * @throws INVALID_OPTION if `rows` cannot be read; DATA_EMPTY for an empty list;
 *   COLUMN_MISSING if no row has a required column; and as `openTable`.
 */
export async function readRows(
  rows: Rows,
  preprocessing: Preprocessing,
  read: ReadColumns,
  settings: RowSettings = {},
): Promise<Batch> {
  const learnt = schemaOptions(preprocessing);
  const { target } = preprocessing;
  const needed = [
    ...Object.keys(learnt.types ?? {}),
    ...(read === "features" ? [] : [target.name]),
  ];
  if (isDataTable(rows)) {
    checkColumnNames(
      needed,
      rows.table.columns.map(({ name }) => name),
    );
    return rows;
  }
  const { missing = learnt.missing, separator, decimal, encoding } = settings;
  const options: ColumnOptions & TextOptions = {
    ...learnt,
    missing,
    separator,
    decimal,
    encoding,
    carry: settings.carry,
    ...(read === "all" ? { keepTexts: "all" } : { only: needed }),
  };
  if (typeof rows === "string") {
    return openData(rows, { ...options, mirror: settings.mirror });
  }
  const table = tableOfObjects(checkObjects(rows), { ...options, isStrict: true });
  return { name: ROWS_NAME, sha256: valuesSha256(table), table };
}

/** The name of rows from a program in a bundle's provenance. */
export const ROWS_NAME = "rows";

/** @throws INVALID_OPTION unless `rows` is a list of objects. */
export function checkObjects(rows: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (Array.isArray(rows)) {
    const odd = rows.findIndex((row) => !isObject(row));
    if (odd < 0) return rows;
    throw notRows(`row ${odd + 1} is ${nameOf(rows[odd])}`);
  }
  throw notRows(`got ${nameOf(rows)}`);
}

function notRows(actual: string): BailiwickError {
  const message = "rows must be a file's path, a table of openTable or a list of objects";
  return new BailiwickError("INVALID_OPTION", `${message}; ${actual}`);
}

export function isDataTable(value: unknown): value is DataTable {
  return isObject(value) && "table" in value && "sha256" in value && isTable(value["table"]);
}

function isTable(value: unknown): value is Table {
  return isObject(value) && "nRows" in value && Array.isArray(value["columns"]);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function nameOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (value === null || value === undefined) return String(value);
  return typeof value === "object" ? "one object" : `a ${typeof value}`;
}
