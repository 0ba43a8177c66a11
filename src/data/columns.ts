/**
 * Cells to typed columns. A column is numeric if every cell that is not missing reads as a number,
 * which must then be finite; otherwise it is a category. The file or the caller may say otherwise.
 */
import { BailiwickError } from "../shared/errors.ts";
import { cellLevel, cellNumber, type Missing, missingMarks } from "./cell.ts";
import { MAX_CELL_CHARS } from "./limits.ts";
import { checkColumnNames, type RawCells, type RawColumn, type RawTable } from "./raw-table.ts";
import { spellingOf } from "./spelling.ts";
import type { CategoryColumn, Column, ColumnType, Spelling, StrayCells, Table } from "./table.ts";

/** A category with at least this share of numbers is reported: a few cells made it one. */
const NUMBERS_OF_STRAYS = 0.9;

export type ColumnTypes = Readonly<Record<string, ColumnType>>;

/** What to read of a table, and how. */
export interface ColumnOptions {
  /** Types of columns, in place of inferred ones. */
  readonly types?: ColumnTypes | undefined;
  /** Columns that are left out before their cells are decoded; each must exist. */
  readonly drop?: readonly string[] | undefined;
  /** The only columns that are read; each must exist. All if not given. */
  readonly only?: readonly string[] | undefined;
  /** Texts that mark a missing value (`missingMarks`). */
  readonly missing?: readonly string[] | undefined;
  /**
   * Columns to keep the texts of, for `keyReader`: names, or all, with dropped ones as categories.
   */
  readonly keepTexts?: readonly string[] | "all" | undefined;
}

/**
 * @throws COLUMN_TYPE, VALUE_NOT_FINITE or DATA_TOO_LARGE, naming column, place and cell.
 * @throws COLUMN_MISSING if an option names a column that does not exist.
 */
export function typeColumns(raw: RawTable, options: ColumnOptions = {}): Table {
  const { types = {}, drop = [], only = [], missing } = options;
  const names = raw.columns.map(({ name }) => name);
  checkColumnNames([...Object.keys(types), ...drop, ...only], names);
  const typer: Typer = { missing: missingMarks(missing), placeOf: raw.placeOf };
  const columns: Column[] = [];
  const spellings = new Map<string, Spelling>();
  const strays: StrayCells[] = [];
  for (const { column: rawColumn, isDropped, keepsTexts } of chooseColumns(raw, options)) {
    const { name } = rawColumn;
    const cells = isDropped ? cellsOfDropped(rawColumn, typer) : readCells(rawColumn, typer);
    if (cells === null) continue;
    const type = Object.hasOwn(types, name) ? types[name] : cells.type;
    const { column, stray } = typeColumn(name, cells, isDropped ? "category" : type, typer);
    columns.push(column);
    if (stray !== null) strays.push(stray);
    if (keepsTexts) spellings.set(name, spellingOf(column, cells, typer));
  }
  return tableOf(raw, columns, { missing, spellings, strays });
}

/** A table without the members that would be empty. */
function tableOf(
  { columns: [first] }: RawTable,
  columns: readonly Column[],
  { missing, spellings, strays }: Pick<ColumnOptions, "missing"> & ColumnNotes,
): Table {
  return {
    nRows: first?.length ?? 0,
    columns,
    ...(missing === undefined ? {} : { missing }),
    ...(spellings.size === 0 ? {} : { spellings }),
    ...(strays.length === 0 ? {} : { strays }),
  };
}

interface ColumnNotes {
  readonly spellings: ReadonlyMap<string, Spelling>;
  readonly strays: readonly StrayCells[];
}

interface ChosenColumn {
  readonly column: RawColumn;
  /** Whether it is read only because every column may become a key. */
  readonly isDropped: boolean;
  readonly keepsTexts: boolean;
}

function chooseColumns(
  { columns }: RawTable,
  { drop = [], only, keepTexts = [] }: ColumnOptions,
): readonly ChosenColumn[] {
  const wanted = only === undefined ? null : new Set(only);
  const dropped = new Set(drop);
  const keepsAll = keepTexts === "all";
  const kept = new Set(keepsAll ? [] : keepTexts);
  return columns
    .filter(({ name }) => wanted === null || wanted.has(name))
    .filter(({ name }) => keepsAll || !dropped.has(name))
    .map((column) => ({
      column,
      isDropped: dropped.has(column.name),
      keepsTexts: keepsAll || kept.has(column.name),
    }));
}

/** How cells are read: which are missing, and where the user finds row `i`. */
export interface Typer {
  readonly missing: Missing;
  readonly placeOf: RawTable["placeOf"];
}

/** The cells of a dropped column that is kept as a key; null if its cells are no texts. */
function cellsOfDropped(column: RawColumn, typer: Typer): RawCells | null {
  try {
    return readCells(column, typer);
  } catch (error) {
    const isLeftOut = error instanceof BailiwickError && error.code !== "DATA_MALFORMED";
    if (isLeftOut) return null;
    throw error;
  }
}

/** Lists and objects are neither numbers nor categories, and a cell has a limit. */
function readCells(column: RawColumn, { placeOf }: Typer): RawCells {
  const { name } = column;
  const read = column.read();
  const { cells } = read;
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i];
    if (typeof cell === "string" && cell.length > MAX_CELL_CHARS) {
      const found = `${placeOf(i)} has ${cell.length}`;
      const message = `column "${name}" must have at most ${MAX_CELL_CHARS} characters in a cell`;
      throw new BailiwickError("DATA_TOO_LARGE", `${message}, ${found}`, { column: name });
    }
    if (typeof cell !== "object" || cell === null) continue;
    throw new BailiwickError(
      "COLUMN_TYPE",
      `column "${name}" must hold numbers or texts, ` +
        `${placeOf(i)} holds ${Array.isArray(cell) ? "a list" : "an object"}`,
      { column: name, place: placeOf(i) },
    );
  }
  return read;
}

interface TypedColumn {
  readonly column: Column;
  readonly stray: StrayCells | null;
}

function typeColumn(
  name: string,
  { cells, exactBelow }: RawCells,
  wanted: ColumnType | undefined,
  typer: Typer,
): TypedColumn {
  if (wanted === "category") {
    return { column: category(name, cells, typer, exactBelow), stray: null };
  }
  const values = new Float64Array(cells.length);
  for (let i = 0; i < cells.length; i++) {
    const number = cellNumber(cells[i], typer.missing);
    if (number === undefined) {
      if (wanted === undefined) {
        const stray = strayCells(name, cells, i, typer);
        return { column: category(name, cells, typer, exactBelow), stray };
      }
      throw new BailiwickError(
        "COLUMN_TYPE",
        `column "${name}" must hold numbers, ${typer.placeOf(i)} holds "${shown(cells[i])}"`,
        { column: name, place: typer.placeOf(i) },
      );
    }
    values[i] = number;
  }
  const infinite = values.findIndex((value) => Math.abs(value) === Number.POSITIVE_INFINITY);
  if (infinite >= 0) {
    const place = typer.placeOf(infinite);
    throw new BailiwickError(
      "VALUE_NOT_FINITE",
      `column "${name}" must hold finite numbers, ${place} holds "${shown(cells[infinite])}"`,
      { column: name, place },
    );
  }
  return { column: { type: "number", name, values }, stray: null };
}

/** @throws COLUMN_TYPE for a number that its type may have rounded: two levels could be equal. */
function category(
  name: string,
  cells: ArrayLike<unknown>,
  { missing, placeOf }: Typer,
  exactBelow: number = 2 ** 53,
): CategoryColumn {
  const values = Array.from(cells, (cell, i) => {
    if (typeof cell === "number" && Math.abs(cell) >= exactBelow && Number.isInteger(cell)) {
      throw new BailiwickError(
        "COLUMN_TYPE",
        `column "${name}" must be written as texts or as 64-bit integers to be a category: ` +
          `${placeOf(i)} holds ${cell}, which its number type may have rounded`,
        { column: name, place: placeOf(i) },
      );
    }
    return cellLevel(cell, missing);
  });
  return { type: "category", name, values };
}

/** The cells that keep a column from being numeric, if they are few. @param first - Of them. */
function strayCells(
  column: string,
  cells: ArrayLike<unknown>,
  first: number,
  { missing, placeOf }: Typer,
): StrayCells | null {
  let nCells = 0;
  let nNumbers = 0;
  for (let i = 0; i < cells.length; i++) {
    const number = cellNumber(cells[i], missing);
    if (number === undefined) nCells++;
    else if (!Number.isNaN(number)) nNumbers++;
  }
  if (nNumbers < NUMBERS_OF_STRAYS * (nNumbers + nCells)) return null;
  return { column, text: shown(cells[first]), place: placeOf(first), nCells };
}

const MAX_SHOWN = 40;

/** A cell as messages show it. */
function shown(cell: unknown): string {
  const text = String(cell).trim();
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
