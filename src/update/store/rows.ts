/**
 * Rows of a table as lines of a shard and back: a JSON array of cells, null where missing, and its
 * CRC-32, so that a changed digit does not pass for a row. Lines of earlier versions have none.
 */
import { crc32 } from "node:zlib";
import { type Column, canonicalLevel, columnOfCells, type Table } from "../../data/index.ts";
import { parseJson } from "../../shared/json.ts";
import { corruptStore, type StoreState } from "./state.ts";

type Cell = number | string | null;

/** One row with the place that its line has in its file. */
export interface StoredRow {
  readonly cells: readonly Cell[];
  readonly regime: number;
  readonly offset: number;
  readonly bytes: number;
  /** Whether it follows a law that its expert has unlearnt. */
  readonly isOutdated: boolean;
}

/**
 * The lines of the given rows, in the store's order of columns. A cell is the number where that
 * gives back the text of the file, and the text anywhere else: keys are compared as texts.
 */
export function linesOf(
  { columns }: Pick<StoreState, "columns">,
  table: Table,
  rows: readonly number[],
): string {
  const writers = columns.map(({ name, type }) => cellWriter(table, name, type));
  return rows.map((i) => lineOf(writers.map((cellOf) => cellOf(i)))).join("");
}

/** The line of a row's cells, with its line feed. */
export function lineOf(cells: readonly Cell[]): string {
  const json = JSON.stringify(cells);
  return `${json} ${crcOf(json)}\n`;
}

function crcOf(json: string): string {
  return crc32(json).toString(16).padStart(8, "0");
}

/** The cell of a row as it is stored. @param type - Of the store's column. */
function cellWriter(table: Table, name: string, type: Column["type"]): (i: number) => Cell {
  const column = table.columns.find((one) => one.name === name)!;
  const texts = table.spellings?.get(name)?.texts;
  return (i) => {
    const value = column.values[i];
    if (value === undefined || value === null || Number.isNaN(value)) return null;
    const text = texts?.get(i);
    if (text !== undefined) return text;
    return type === "number" ? value : String(value);
  };
}

/** Where lines lie: in which regime's file, from which byte on; nOutdated come first. */
export interface LinesOrigin {
  readonly regime: number;
  readonly start?: number;
  readonly nOutdated?: number;
}

/** @param bytes - Whole lines. */
export function parseLines(
  bytes: Buffer,
  { regime, start = 0, nOutdated = 0 }: LinesOrigin,
): readonly StoredRow[] {
  const rows: StoredRow[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const end = bytes.indexOf(10, offset);
    if (end < 0) throw corruptStore(`shard ${regime}: must end with a line feed`);
    const line = bytes.toString("utf8", offset, end);
    rows.push({
      cells: parseCells(line, regime),
      regime,
      offset: start + offset,
      bytes: end + 1 - offset,
      isOutdated: rows.length < nOutdated,
    });
    offset = end + 1;
  }
  return rows;
}

function parseCells(line: string, regime: number): readonly Cell[] {
  const problem = `shard ${regime}: every line must be a JSON array of cells and its CRC-32`;
  const [, text = line, crc] = /^(.*\]) ([0-9a-f]{8})$/.exec(line) ?? [];
  if (crc !== undefined && crc !== crcOf(text)) throw corruptStore(`${problem}, one was changed`);
  const json = parseJson(text, (cause) => corruptStore(problem, cause));
  if (Array.isArray(json) && json.every(isCell)) return json;
  throw corruptStore(problem);
}

function isCell(value: unknown): value is Cell {
  return value === null || typeof value === "number" || typeof value === "string";
}

/** Rows as a table of the store's columns. */
export function tableOf(
  { columns }: Pick<StoreState, "columns">,
  rows: readonly StoredRow[],
): Table {
  const built = columns.map(({ name, type, reading }, c): Column => {
    const cells = rows.map((row) => row.cells[c] ?? null);
    if (type === "category" && reading?.isDate !== true) {
      return { type, name, values: cells.map(textIn) };
    }
    const readings = reading === undefined ? [] : [reading];
    const wanted = { name, type: type === "number" ? type : ("date" as const) };
    // Missing cells are stored as null, so that no text is a mark of them.
    return columnOfCells(wanted, cells, { missing: [], readings });
  });
  const readings = columns.flatMap(({ reading }) => (reading === undefined ? [] : [reading]));
  return { nRows: rows.length, columns: built, ...(readings.length === 0 ? {} : { readings }) };
}

function textIn(cell: Cell): string | null {
  return cell === null ? null : canonicalLevel(String(cell));
}
