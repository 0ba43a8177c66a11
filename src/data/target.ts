/** Separates a table's target from its features, and leaves out the rows without a target. */
import { BailiwickError } from "../shared/errors.ts";
import { quoted } from "../shared/wording.ts";
import { withDateFeatures } from "./date-features.ts";
import { checkColumnNames } from "./reading/column-names.ts";
import { HEADLESS } from "./reading/csv-names.ts";
import { isSameUnit, numberInText } from "./reading/number-text.ts";
import { keyReader } from "./reading/spelling.ts";
import type { Column, Table } from "./table.ts";
import { takeCells } from "./take-rows.ts";
import type { TargetTransform } from "./target-scale.ts";

export interface SelectedTarget {
  /**
   * Every column except target, group, dropped and index columns; of a column of dates its parts.
   * Rows with a target only.
   */
  readonly features: Table;
  readonly targetName: string;
  /** Finite. Shape (features.nRows,). */
  readonly y: Float64Array;
  /** The group of each row, as the file spells it; null if no column is named. */
  readonly groups: readonly string[] | null;
  /** The rows that have a target, by their numbers in the file, counted from 0. */
  readonly rows: Int32Array;
  readonly nDropped: number;
  /** How a model learns the target; as it is if absent. */
  readonly transform?: TargetTransform;
}

export interface SelectOptions {
  /** Columns that are not features. */
  readonly drop?: readonly string[];
  readonly group?: string;
  /** Fewer rows are an error; 10 if not given. */
  readonly minRows?: number;
  /** Whether a constant target is an error; it is, if not given. */
  readonly allowConstant?: boolean;
}

const MIN_ROWS = 10;
/** Errors of larger targets have fourth powers that a double cannot hold. */
const MAX_TARGET = 1e70;
/** The column that pandas writes for an index without a name: row numbers, no measurement. */
const PANDAS_INDEX = /^__index_level_\d+__$/;

/**
 * Splits a table into features and target; rows without a target are left out.
 *
 * @param table - At least `minRows` rows (default 10) must have a target.
 * @returns The rows with a target: `features`, `y` of shape (nRows,), and their groups.
 * @throws TARGET_MISSING, TARGET_NOT_NUMERIC, TARGET_CONSTANT, COLUMN_MISSING or TOO_FEW_ROWS;
 *   COLUMN_DUPLICATE if the file has several columns of the target's name;
 *   VALUE_NOT_FINITE for a target above 1e70; COLUMN_TYPE if groups cannot be told apart.
 * @example
 * ```ts
 * import { openTable } from "bailiwick";
 * import { selectTarget } from "bailiwick/engine";
 *
 * const { table } = await openTable("prices.csv");
 * const { features, y } = selectTarget(table, "price", { drop: ["id"] });
 * console.log(`${features.nRows} rows, ${features.columns.length} features, first ${y[0]}`);
 * ```
 */
export function selectTarget(
  table: Table,
  target: string,
  options: SelectOptions = {},
): SelectedTarget {
  const { drop = [], group, minRows = MIN_ROWS, allowConstant = false } = options;
  checkColumnNames(
    [target, ...drop, ...(group === undefined ? [] : [group])],
    table.columns.map(({ name }) => name),
    table.isHeadless === true ? HEADLESS : "",
  );
  if (table.repeated?.includes(target)) {
    const message = `the header must name the target once, "${target}" stands there again`;
    throw new BailiwickError("COLUMN_DUPLICATE", message, { column: target });
  }
  const values = targetValues(table, target);
  const rows = Int32Array.from(values.keys()).filter((i) => !Number.isNaN(values[i]));
  if (rows.length === 0) {
    throw new BailiwickError("TARGET_MISSING", `target "${target}" must have values, got none`);
  }
  if (rows.length < minRows) {
    const message = `at least ${minRows} rows must have a target, got ${rows.length}`;
    throw new BailiwickError("TOO_FEW_ROWS", message, { found: rows.length });
  }
  const y = Float64Array.from(rows, (i) => values[i]!);
  checkTargets(target, y);
  if (!allowConstant && y.every((value) => value === y[0])) {
    const message = `target "${target}" must vary, every row holds ${y[0]}`;
    throw new BailiwickError("TARGET_CONSTANT", message, { target });
  }
  const left = new Set([target, group, ...drop]);
  const columns = table.columns.filter(({ name }) => !left.has(name) && !PANDAS_INDEX.test(name));
  const taken = columns.map((column) => takeCells(column, rows));
  return {
    features: withDateFeatures({
      nRows: rows.length,
      columns: taken,
      ...notesOf(table, columns, target),
    }),
    targetName: target,
    y,
    groups: group === undefined ? null : groupsOf(table, group, rows),
    rows,
    nDropped: table.nRows - rows.length,
  };
}

/** @throws VALUE_NOT_FINITE for a target that is too large to be trained on. */
export function checkTargets(target: string, y: Float64Array): void {
  const huge = y.find((value) => Math.abs(value) > MAX_TARGET);
  if (huge === undefined) return;
  const message = `target "${target}" must stay within ±${MAX_TARGET}, found ${huge}; scale it`;
  throw new BailiwickError("VALUE_NOT_FINITE", message, { target });
}

/** How the table was read, as far as it concerns the columns that are left. */
function notesOf(
  { missing, strays = [], readings = [], codes = new Map(), notes }: Table,
  columns: readonly Column[],
  target: string,
): Pick<Table, "missing" | "strays" | "readings" | "codes" | "notes"> {
  const names = new Set([target, ...columns.map(({ name }) => name)]);
  const left = strays.filter(({ column }) => names.has(column));
  const coded = [...codes].filter(([column]) => columns.some(({ name }) => name === column));
  const learnt = readings.filter(({ column }) => names.has(column));
  return {
    ...(missing === undefined ? {} : { missing }),
    ...(left.length === 0 ? {} : { strays: left }),
    ...(learnt.length === 0 ? {} : { readings: learnt }),
    ...(coded.length === 0 ? {} : { codes: new Map(coded) }),
    ...(notes === undefined ? {} : { notes }),
  };
}

function targetValues(table: Table, target: string): Float64Array {
  const column = table.columns.find(({ name }) => name === target)!;
  if (column.type === "number") return column.values;
  if (table.codes?.has(target)) return numbersOfCodes(column.values);
  const units = column.values.flatMap((value) => {
    const read = value === null ? undefined : numberInText(value, ".");
    return read === undefined || read.unit === "" ? [] : [{ value, unit: read.unit }];
  });
  const other = units.find(({ unit }) => !isSameUnit(unit, units[0]!.unit));
  const example = column.values.find((value) => value !== null && Number.isNaN(Number(value)));
  const found =
    other === undefined
      ? `found "${example ?? column.values[0]}"`
      : `of one unit, found "${units[0]!.value}" and "${other.value}"`;
  const numbers = table.columns.filter(({ type }) => type === "number").map(({ name }) => name);
  const others = numbers.length === 0 ? "" : `; numbers are in ${quoted(numbers)}`;
  const message = `target "${target}" must hold numbers, ${found}${others}`;
  throw new BailiwickError("TARGET_NOT_NUMERIC", message, { target });
}

/** A target is no code: padded numbers are numbers, and other texts are missing. */
function numbersOfCodes(values: readonly (string | null)[]): Float64Array {
  return Float64Array.from(values, (value) => (value === null ? Number.NaN : Number(value)));
}

/** Rows that lack their group are one group. */
function groupsOf(table: Table, group: string, rows: Int32Array): readonly string[] {
  const keyOf = keyReader(table, group);
  return Array.from(rows, (i) => String(keyOf(i)));
}

/** @returns TARGET_MISSING, which names the columns of the table to choose from. */
export function noTarget(
  name: string,
  { columns, isHeadless = false }: Pick<Table, "columns" | "isHeadless">,
): BailiwickError {
  const names = quoted(columns.map((column) => column.name));
  const found = isHeadless ? `; ${HEADLESS}` : `, it has ${names}`;
  const message = `a target column of ${name} must be named (--target)${found}`;
  return new BailiwickError("TARGET_MISSING", message, { name });
}
