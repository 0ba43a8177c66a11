/**
 * Cells to typed columns. A column is numeric if its cells are numbers but for a few, which are
 * then missing; otherwise it is a category, of moments if its cells are dates. The file or the
 * caller may say otherwise.
 */
import { BailiwickError } from "../../shared/errors.ts";
import type { Column, ColumnReading, ColumnType, Spelling, StrayCells, Table } from "../table.ts";
import { missingMarks } from "./cell.ts";
import { codeIn } from "./codes.ts";
import { checkColumnNames } from "./column-names.ts";
import { HEADLESS } from "./csv-names.ts";
import { decimalMarks } from "./decimal-marks.ts";
import type { DecimalMark } from "./number-text.ts";
import { type RawCells, type RawColumn, type RawTable, readCells } from "./raw-table.ts";
import { spellingOf } from "./spelling.ts";
import type { Typer } from "./survey.ts";
import { typeColumn, type Wanted } from "./type-column.ts";

/** A column of dates is a category of moments, from which features are computed. */
export type ColumnTypes = Readonly<Record<string, ColumnType | "date">>;

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
  /** Columns whose cells the table also keeps as the file has them, whatever they hold. */
  readonly carry?: readonly string[] | undefined;
  /** The decimal mark of every column; found out from the cells if not given. */
  readonly decimal?: DecimalMark | undefined;
  /** How a model's columns were read, for what the cells leave open. */
  readonly readings?: readonly ColumnReading[] | undefined;
  /** Whether each row is read by itself: only marks that are learnt are missing values. */
  readonly isStrict?: boolean | undefined;
}

/**
 * @throws COLUMN_TYPE, VALUE_NOT_FINITE or DATA_TOO_LARGE, naming column, place and cell.
 * @throws COLUMN_MISSING if an option names a column that does not exist.
 */
export function typeColumns(raw: RawTable, options: ColumnOptions = {}): Table {
  const { carry = [], missing } = options;
  const names = checkOptions(options, raw);
  const typer: Typer = { missing: missingMarks(missing), placeOf: raw.placeOf };
  const columns: Column[] = [];
  const carried = carry.map((name) => {
    return [name, readCells(raw.columns[names.indexOf(name)]!, typer).cells] as const;
  });
  const notes: Notes = {
    spellings: new Map(),
    strays: [],
    readings: [],
    carried: new Map(carried),
    codes: new Map(),
  };
  const chosen = chooseColumns(raw, options).flatMap(({ column, isDropped, keepsTexts }) => {
    const cells = isDropped ? cellsOfDropped(column, typer) : readCells(column, typer);
    return cells === null ? [] : [{ name: column.name, cells, isDropped, keepsTexts }];
  });
  const decimalOf = decimalMarks(chosen, raw, options);
  for (const { name, cells, isDropped, keepsTexts } of chosen) {
    const type = isDropped ? "category" : typeGiven(name, cells, options);
    const code = type === undefined ? codeIn(cells.cells, typer.missing) : null;
    if (code !== null) notes.codes.set(name, code);
    const wanted: Wanted = {
      type: code === null ? type : "category",
      decimal: decimalOf(name),
      reading: options.readings?.find(({ column }) => column === name),
      isStrict: options.isStrict === true,
    };
    const { column, stray, reading } = typeColumn(name, cells, wanted, typer);
    columns.push(column);
    if (stray !== null) notes.strays.push(stray);
    if (reading !== null) notes.readings.push(reading);
    if (keepsTexts) notes.spellings.set(name, spellingOf(column, cells, typer));
  }
  return tableOf(raw, columns, { missing, ...notes });
}

/** @returns The names of all columns. @throws COLUMN_MISSING */
function checkOptions(
  { types = {}, drop = [], only = [], carry = [] }: ColumnOptions,
  { columns, isHeadless = false }: RawTable,
): readonly string[] {
  const names = columns.map(({ name }) => name);
  const wanted = [...Object.keys(types), ...drop, ...only, ...carry];
  checkColumnNames(wanted, names, isHeadless ? HEADLESS : "");
  return names;
}

/** The type that the caller gives a column, else the one that the file gives. */
function typeGiven(
  name: string,
  { type }: RawCells,
  { types = {} }: ColumnOptions,
): Wanted["type"] {
  return Object.hasOwn(types, name) ? types[name] : type;
}

/** A table without the members that would be empty. */
function tableOf(
  { columns: [first], notes = [], repeated = [], isHeadless = false }: RawTable,
  columns: readonly Column[],
  { missing, spellings, strays, readings, carried, codes }: Pick<ColumnOptions, "missing"> & Notes,
): Table {
  return {
    nRows: first?.length ?? 0,
    columns,
    ...(missing === undefined ? {} : { missing }),
    ...(spellings.size === 0 ? {} : { spellings }),
    ...(strays.length === 0 ? {} : { strays }),
    ...(readings.length === 0 ? {} : { readings }),
    ...(carried.size === 0 ? {} : { carried }),
    ...(codes.size === 0 ? {} : { codes }),
    ...(notes.length === 0 ? {} : { notes }),
    ...(repeated.length === 0 ? {} : { repeated }),
    ...(isHeadless ? { isHeadless } : {}),
  };
}

interface Notes {
  readonly spellings: Map<string, Spelling>;
  readonly strays: StrayCells[];
  readonly readings: ColumnReading[];
  readonly carried: NonNullable<Table["carried"]>;
  readonly codes: Map<string, string>;
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
