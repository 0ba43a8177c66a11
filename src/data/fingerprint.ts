/**
 * A table's values as one text, and its hash: equal for equal values, in any text and packing of
 * the file (1.50 or 1.5, commas or tabs, any gzip).
 */
import { sha256 } from "../shared/hash.ts";
import type { Column, Table } from "./table.ts";

/** CSV with LF: numbers in the shortest form that reads back the same, missing cells empty. */
export function canonicalCsv({ columns, nRows }: Table): string {
  const cells = columns.map(cellsOf);
  const lines = [columns.map(({ name }) => quoted(name)).join(",")];
  for (let i = 0; i < nRows; i++) lines.push(cells.map((column) => column[i]).join(","));
  return `${lines.join("\n")}\n`;
}

/** SHA-256 of `canonicalCsv`. */
export function valuesSha256(table: Table): string {
  return sha256(canonicalCsv(table));
}

function cellsOf(column: Column): readonly string[] {
  return column.type === "number"
    ? Array.from(column.values, (value) => (Number.isNaN(value) ? "" : String(value)))
    : column.values.map((value) => (value === null ? "" : quoted(value)));
}

/** A cell of a CSV file: in quotes where it needs them. */
export function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
