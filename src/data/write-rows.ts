/**
 * Columns as a file of rows: CSV, JSON or Arrow, in the columns' order.
 *
 * Carried cells keep the text that they have in the user's file: 007 and 9007199254740993 never
 * become doubles. CSV and JSON are written here, because arquero writes the columns of an object,
 * which puts names such as "2020" first.
 */
import {
  bool,
  columnFromArray,
  type DataType,
  float64,
  int64,
  tableFromColumns,
  tableToIPC,
  utf8,
} from "@uwdata/flechette";
import { quoted } from "./fingerprint.ts";

export const ROW_FORMATS = ["csv", "json", "arrow"] as const;
export type RowFormat = (typeof ROW_FORMATS)[number];

type OutputType = "number" | "whole" | "boolean" | "text";
type OutputCell = number | bigint | boolean | string | null;

export interface OutputColumn {
  readonly name: string;
  readonly type: OutputType;
  /** Of another type than text, a cell may still be its text. Shape (nRows,). */
  readonly cells: ArrayLike<OutputCell>;
}

const MAX_WHOLE = 2n ** 63n;
const WHOLE = /^(?:0|-?[1-9]\d{0,18})$/;

/**
 * A column of a file as it stands there, with the type that its cells have.
 *
 * @param cells - Of a table's `carried`.
 * @param isId - Whether texts that are numbers stay texts.
 */
export function carriedColumn(
  name: string,
  cells: ArrayLike<unknown>,
  { isId }: { readonly isId: boolean },
): OutputColumn {
  const kept = Array.from(cells, outputCell);
  const present = kept.filter((cell) => cell !== null);
  const is = (test: (cell: OutputCell) => boolean): boolean =>
    present.length > 0 &&
    present.every((cell) => !(isId && typeof cell === "string") && test(cell));
  if (is((cell) => typeof cell === "boolean")) return { name, type: "boolean", cells: kept };
  if (is(isWhole)) return { name, type: "whole", cells: kept };
  return { name, type: is(isNumber) ? "number" : "text", cells: kept };
}

/** An empty text is a cell without a value, as in CSV. */
function outputCell(cell: unknown): OutputCell {
  if (cell === null || cell === undefined || cell === "" || Number.isNaN(cell)) return null;
  return typeof cell === "number" || typeof cell === "bigint" || typeof cell === "boolean"
    ? cell
    : String(cell);
}

/** Whether a cell is a whole number of 64 bits, or the text that spells one. */
function isWhole(cell: OutputCell): boolean {
  if (typeof cell === "boolean") return false;
  const text = String(cell);
  if (!WHOLE.test(text)) return false;
  const value = BigInt(text);
  return value < MAX_WHOLE && value >= -MAX_WHOLE;
}

/** Whether a cell is a number, or a text that a double gives back. */
function isNumber(cell: OutputCell): boolean {
  if (typeof cell === "boolean") return false;
  return Number.isFinite(Number(cell)) && String(Number(cell)) === String(cell);
}

/** Columns of equal length as the bytes or the text of a file. */
export function formatRows(
  format: RowFormat,
  columns: readonly OutputColumn[],
): string | Uint8Array {
  if (format === "arrow") return formatArrow(columns);
  return format === "json" ? formatJson(columns) : formatCsv(columns);
}

/** CSV with a header. Numbers read back to the same bits. */
function formatCsv(columns: readonly OutputColumn[]): string {
  const lines = rowsOf(columns, (cell) => (cell === null ? "" : quoted(String(cell))));
  const header = columns.map(({ name }) => quoted(name));
  return `${[header, ...lines].map((row) => row.join(",")).join("\n")}\n`;
}

/** A list of row objects, one a line. JSON has no number that is not finite: it is null. */
function formatJson(columns: readonly OutputColumn[]): string {
  const lines = rowsOf(columns, (cell, { name, type }) => {
    const isNull = cell === null || (typeof cell === "number" && !Number.isFinite(cell));
    const text = type === "text" ? JSON.stringify(String(cell)) : String(cell);
    return `${JSON.stringify(name)}: ${isNull ? "null" : text}`;
  });
  return `[\n${lines.map((row) => `{${row.join(", ")}}`).join(",\n")}\n]\n`;
}

function rowsOf(
  columns: readonly OutputColumn[],
  write: (cell: OutputCell, column: OutputColumn) => string,
): readonly (readonly string[])[] {
  const nRows = columns[0]?.cells.length ?? 0;
  return Array.from({ length: nRows }, (_, i) =>
    columns.map((column) => write(column.cells[i] ?? null, column)),
  );
}

/** The Arrow file format, which pyarrow, polars and pandas (as Feather) read. */
function formatArrow(columns: readonly OutputColumn[]): Uint8Array {
  const built = columns.map(({ name, type, cells }) => {
    const { arrow, convert } = ARROW[type];
    const values = Array.from(cells, (cell) => (cell === null ? null : convert(cell)));
    return [name, columnFromArray(values, arrow())] satisfies [string, unknown];
  });
  return tableToIPC(tableFromColumns(built), { format: "file" })!;
}

interface ArrowColumn {
  arrow(): DataType;
  convert(cell: Exclude<OutputCell, null>): OutputCell;
}

const ARROW: Readonly<Record<OutputType, ArrowColumn>> = {
  number: { arrow: float64, convert: Number },
  whole: { arrow: int64, convert: BigInt },
  boolean: { arrow: bool, convert: Boolean },
  text: { arrow: utf8, convert: String },
};
