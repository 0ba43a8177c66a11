/** JSON to named columns: one document, or JSON lines. A key that a row lacks is a missing cell. */
import { BailiwickError } from "../../shared/errors.ts";
import { checkExtent, MAX_TEXT_CELLS } from "../limits.ts";
import { hasLongNumbers, quoteNumbers } from "./json-numbers.ts";
import { checkColumns, placeOfRow, type RawColumn, type RawTable, rawColumn } from "./raw-table.ts";

export type JsonRow = Readonly<Record<string, unknown>>;

export interface JsonOptions {
  /** Keep the text of every number; otherwise only where a document has very long ones. */
  readonly keepTexts?: boolean;
}

function exactNumbers(text: string, { keepTexts = false }: JsonOptions): string {
  return keepTexts || hasLongNumbers(text) ? quoteNumbers(text) : text;
}

/**
 * An array of row objects, or an object of column arrays.
 *
 * @throws DATA_MALFORMED if the text is not such JSON, DATA_RAGGED if columns differ in length,
 *   DATA_EMPTY without rows or columns.
 */
export function parseJson(text: string, options: JsonOptions = {}): RawTable {
  if (text.trim() === "") throw new BailiwickError("DATA_EMPTY", "a data file must not be empty");
  const document = parseDocument(exactNumbers(text, options));
  const columns = Array.isArray(document) ? columnsOfRows(document) : columnsOf(document);
  checkColumns(columns);
  return { columns, placeOf: placeOfRow };
}

/**
 * A row object a line; blank lines are no rows.
 *
 * @throws DATA_MALFORMED naming the line that holds anything else, DATA_EMPTY without rows.
 */
export function parseJsonLines(text: string, options: JsonOptions = {}): RawTable {
  const rows: JsonRow[] = [];
  const lines: number[] = [];
  text.split("\n").forEach((content, i) => {
    if (content.trim() === "") return;
    rows.push(parseLine(exactNumbers(content, options), i + 1));
    lines.push(i + 1);
  });
  const columns = columnsOfRows(rows);
  checkColumns(columns);
  return { columns, placeOf: (i) => `line ${lines[i]}` };
}

function parseLine(content: string, line: number): JsonRow {
  const message = `every line must be a JSON object, line ${line} holds ${excerpt(content)}`;
  let row: unknown;
  try {
    row = JSON.parse(content);
  } catch (cause) {
    throw new BailiwickError("DATA_MALFORMED", message, { line }, cause);
  }
  if (isRecord(row)) return row;
  throw new BailiwickError("DATA_MALFORMED", message, { line });
}

const MAX_EXCERPT = 30;

function excerpt(content: string): string {
  const text = content.trim();
  return text.length > MAX_EXCERPT ? `${text.slice(0, MAX_EXCERPT)}…` : text;
}

/** Every key of any row, in the order in which they come. */
export function columnsOfRows(rows: readonly JsonRow[]): readonly RawColumn[] {
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  checkExtent(rows.length, names.size, MAX_TEXT_CELLS);
  return Array.from(names, (name) => ({
    name,
    length: rows.length,
    read: () => ({ cells: rows.map((row) => (Object.hasOwn(row, name) ? row[name] : null)) }),
  }));
}

function columnsOf(columns: Readonly<Record<string, unknown[]>>): readonly RawColumn[] {
  const entries = Object.entries(columns);
  const nRows = entries.reduce((most, [, { length }]) => Math.max(most, length), 0);
  checkExtent(nRows, entries.length, MAX_TEXT_CELLS);
  return entries.map(([name, cells]) => rawColumn(name, cells));
}

function parseDocument(text: string): JsonRow[] | Readonly<Record<string, unknown[]>> {
  const document = parseText(text);
  if (Array.isArray(document) && document.every(isRecord)) return document;
  if (isRecord(document) && hasLists(document)) return document;
  throw new BailiwickError(
    "DATA_MALFORMED",
    "a .json data file must hold an array of row objects or an object of column arrays",
  );
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BailiwickError("DATA_MALFORMED", "a .json data file must be JSON", {}, cause);
  }
}

function hasLists(record: JsonRow): record is Readonly<Record<string, unknown[]>> {
  return Object.values(record).every(Array.isArray);
}

function isRecord(value: unknown): value is JsonRow {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
