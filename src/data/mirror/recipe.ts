/** Makes the table from an origin's file, by the recipe in the set's descriptor. */
import { gunzipSync } from "node:zlib";
import { unzipSync } from "fflate";
import { BailiwickError } from "../../shared/errors.ts";
import { parseTable, type Recipe, type Table } from "../index.ts";

/** Bytes that an archive's member may unpack to. */
const MAX_MEMBER_BYTES = 200_000_000;

/**
 * @param categorical - Columns that are categories even where their levels look like numbers.
 * @throws DATA_MALFORMED if the file does not fit the recipe.
 */
export function followRecipe(
  bytes: Uint8Array,
  recipe: Recipe,
  categorical: readonly string[],
): Table {
  const text = new TextDecoder(recipe.encoding ?? "utf-8").decode(unpack(bytes, recipe));
  const places = recipe.places ?? recipe.columns.map((_, c) => c + 1);
  const rows = rowsOf(text, recipe).map((cells) => places.map((place) => cells[place - 1]!));
  const csv = [recipe.columns, ...rows].map((cells) => cells.map(quoted).join(",")).join("\n");
  const types = Object.fromEntries(categorical.map((name) => [name, "category" as const]));
  return parseTable(new TextEncoder().encode(csv), "csv", { types });
}

function unpack(bytes: Uint8Array, { member, gzip }: Recipe): Uint8Array {
  try {
    if (gzip === true) return gunzipSync(bytes, { maxOutputLength: MAX_MEMBER_BYTES });
    if (member === undefined) return bytes;
    const files = unzipSync(bytes, {
      filter: ({ name, originalSize }) => name === member && originalSize <= MAX_MEMBER_BYTES,
    });
    if (files[member] !== undefined) return files[member];
  } catch (cause) {
    throw malformed(`must be ${gzip === true ? "gzipped" : "a zip archive"}`, cause);
  }
  throw malformed(`must hold ${member}, it does not`);
}

function rowsOf(text: string, recipe: Recipe): readonly (readonly string[])[] {
  const { separator, skip, width } = recipe;
  const lines = text.split(/\r\n|\n|\r/).slice(skip);
  if (separator === "space") return chunks(lines.join(" ").trim().split(/\s+/), width);
  return lines
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const cells = line.split(separator);
      if (cells.length === width) return cells;
      throw malformed(`must have ${width} cells in every row, got ${cells.length} in "${line}"`);
    });
}

function chunks(cells: readonly string[], width: number): readonly (readonly string[])[] {
  if (cells.length % width !== 0) {
    throw malformed(`must have ${width} cells in every row, got ${cells.length} in all`);
  }
  return Array.from({ length: cells.length / width }, (_, row) =>
    cells.slice(row * width, (row + 1) * width),
  );
}

function quoted(cell: string): string {
  return /[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function malformed(what: string, cause?: unknown): BailiwickError {
  return new BailiwickError("DATA_MALFORMED", `the origin's file ${what}`, {}, cause);
}
