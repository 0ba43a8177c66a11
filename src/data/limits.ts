/** Limits of a data file, beyond which it is refused by name before memory runs out; of marks. */
import { BailiwickError } from "../shared/errors.ts";

/** Bytes of a file, and of what it unpacks to. */
export const MAX_DATA_BYTES = 200_000_000;
/** Cells of a CSV, TSV or JSON file, all of which are in memory at once as text. */
export const MAX_TEXT_CELLS = 20_000_000;
/** Cells of an Arrow file, most of which are in memory as numbers. */
export const MAX_ARROW_CELLS = 100_000_000;
export const MAX_COLUMNS = 100_000;
/** Characters of a cell in a column that is read; a bundle's levels have the same limit. */
export const MAX_CELL_CHARS = 10_000;
/** Rows that a model marks as trained on. */
export const MAX_MARKS = 512;

/** @throws DATA_TOO_LARGE naming the limit that a table of `nRows` × `nColumns` exceeds. */
export function checkExtent(nRows: number, nColumns: number, maxCells: number): void {
  if (nColumns > MAX_COLUMNS) {
    const message = `a data file must have at most ${MAX_COLUMNS} columns, got ${nColumns}`;
    throw new BailiwickError("DATA_TOO_LARGE", message, { nColumns, maxColumns: MAX_COLUMNS });
  }
  const nCells = nRows * nColumns;
  if (nCells > maxCells) {
    const found = `${nRows} rows of ${nColumns} columns`;
    const message = `a data file must have at most ${maxCells} cells, got ${found}`;
    throw new BailiwickError("DATA_TOO_LARGE", message, { nCells, maxCells });
  }
}
