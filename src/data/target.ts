/** A table's target apart from its features; rows without a target are left out. */
import { BailiwickError } from "../shared/errors.ts";
import { checkColumnNames } from "./columns.ts";
import type { Column, NumberColumn, Table } from "./table.ts";

export interface SelectedTarget {
  /** Every column but the target, the group and those dropped; rows with a target only. */
  readonly features: Table;
  readonly targetName: string;
  /** Finite. Shape (features.nRows,). */
  readonly y: Float64Array;
  /** The group of each row; null if no column is named. */
  readonly groups: readonly string[] | null;
  /** Row numbers kept, in the file's counting from 0. */
  readonly rows: Int32Array;
  readonly nDropped: number;
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

/** @throws TARGET_MISSING, TARGET_NOT_NUMERIC, TARGET_CONSTANT, COLUMN_MISSING or TOO_FEW_ROWS. */
export function selectTarget(
  table: Table,
  target: string,
  options: SelectOptions = {},
): SelectedTarget {
  const { drop = [], group, minRows = MIN_ROWS, allowConstant = false } = options;
  checkColumnNames(
    [target, ...drop, ...(group === undefined ? [] : [group])],
    table.columns.map(({ name }) => name),
  );
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
  if (!allowConstant && y.every((value) => value === y[0])) {
    const message = `target "${target}" must vary, every row holds ${y[0]}`;
    throw new BailiwickError("TARGET_CONSTANT", message, { target });
  }
  const left = new Set([target, group, ...drop]);
  const columns = table.columns.filter(({ name }) => !left.has(name));
  return {
    features: { nRows: rows.length, columns: columns.map((column) => takeCells(column, rows)) },
    targetName: target,
    y,
    groups: group === undefined ? null : groupsOf(table, group, rows),
    rows,
    nDropped: table.nRows - rows.length,
  };
}

function targetValues(table: Table, target: string): Float64Array {
  const column = table.columns.find(({ name }) => name === target) as Column;
  if (column.type === "number") return column.values;
  const example = column.values.find((value) => value !== null && Number.isNaN(Number(value)));
  throw new BailiwickError(
    "TARGET_NOT_NUMERIC",
    `target "${target}" must hold numbers, found "${example ?? column.values[0]}"`,
    { target },
  );
}

function groupsOf(table: Table, group: string, rows: Int32Array): readonly string[] {
  const column = table.columns.find(({ name }) => name === group) as Column;
  return Array.from(rows, (i) => String(column.values[i]));
}

function takeCells(column: Column, rows: Int32Array): Column {
  if (column.type === "number") {
    const values = Float64Array.from(rows, (i) => column.values[i]!);
    return { ...column, values } satisfies NumberColumn;
  }
  return { ...column, values: Array.from(rows, (i) => column.values[i]!) };
}
