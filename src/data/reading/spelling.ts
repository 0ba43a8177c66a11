/**
 * Cells as keys: the text that a file has, where the value does not give it back.
 *
 * Groups and rows to forget are named by text. As numbers, `01234` and `1234` are equal, and so are
 * 9007199254740992 and 9007199254740993; as texts they differ. Only the cells whose text differs
 * from their value's take memory.
 */
import { BailiwickError } from "../../shared/errors.ts";
import type { Column, Spelling, Table } from "../table.ts";
import { cellText, type Missing } from "./cell.ts";
import { checkColumnNames } from "./column-names.ts";
import type { RawCells, RawTable } from "./raw-table.ts";

/** From here on, doubles are not all the whole numbers. */
const EXACT_BELOW = 2 ** 53;

/** The spelling of a column that was typed from `raw`. */
export function spellingOf(
  { values }: Column,
  { cells, exactBelow = EXACT_BELOW }: RawCells,
  { missing, placeOf }: { readonly missing: Missing; readonly placeOf: RawTable["placeOf"] },
): Spelling {
  const texts = new Map<number, string>();
  let rounded: string | null = null;
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i];
    if (typeof cell === "number") {
      if (rounded === null && Math.abs(cell) >= exactBelow) rounded = placeOf(i);
      continue;
    }
    const text = cellText(cell, missing);
    if (text === null) continue;
    const value = values[i]!;
    const isLarge = typeof value === "number" && Math.abs(value) >= EXACT_BELOW;
    if (isLarge || String(value) !== text) texts.set(i, text);
  }
  return { texts, rounded };
}

/**
 * The texts of a column's cells as the file has them, null where missing: keys compare these.
 *
 * For exact texts, read the table with `keepTexts`; without it the texts are those of the values.
 *
 * @throws COLUMN_MISSING; COLUMN_TYPE if the column holds numbers that may have been rounded, so
 *   that different keys could not be told apart.
 */
export function keyReader(table: Table, name: string): (row: number) => string | null {
  checkColumnNames(
    [name],
    table.columns.map((column) => column.name),
  );
  const column = table.columns.find((candidate) => candidate.name === name)!;
  const spelling = table.spellings?.get(name);
  const { values } = column;
  if (spelling?.rounded != null) throw roundedKey(name, spelling.rounded);
  if (spelling === undefined && column.type === "number") {
    const row = column.values.findIndex((value) => Math.abs(value) >= EXACT_BELOW);
    if (row >= 0) throw roundedKey(name, `row ${row + 1}`);
  }
  const texts = spelling?.texts;
  return (row) => {
    const text = texts?.get(row);
    if (text !== undefined) return text;
    const value = values[row];
    return value === undefined || value === null || Number.isNaN(value) ? null : String(value);
  };
}

function roundedKey(name: string, place: string): BailiwickError {
  return new BailiwickError(
    "COLUMN_TYPE",
    `column "${name}" must be written as texts or as 64-bit integers to be a key: ` +
      `the number in ${place} may have been rounded, so that different keys are equal`,
    { column: name, place },
  );
}
