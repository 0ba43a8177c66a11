/**
 * Columns that a person looks at before trusting a model: one that alone predicts the target, as a
 * copy of the target does or what is only known after it; and one that says what another says.
 */
import { percent } from "../shared/wording.ts";
import type { Column, Table } from "./table.ts";
import { takeCells } from "./take-rows.ts";

/** Evenly spaced rows that are looked at. */
const MOST_ROWS = 4000;
/** Fewer rows show nothing. */
const LEAST_ROWS = 20;
/** A column alone explains at least this share of the target's variance, */
const SUSPICIOUS = 0.99;
/** or of its ranks, which one true cause may order well: yacht's speed has 0.993, */
const SUSPICIOUS_RANKS = 0.998;
/** and the best of the others at most this one. */
const FAR_BEHIND = 0.9;
/** Digits to which numbers on one line are compared, in standard deviations. */
const DIGITS = 6;

/** A sentence for each such column. @param y - Of the table's rows; null if none is named. */
export function describeSuspects(table: Table, y: Float64Array | null): readonly string[] {
  const n = Math.min(MOST_ROWS, table.nRows);
  if (n < LEAST_ROWS) return [];
  const rows = Int32Array.from({ length: n }, (_, i) => Math.floor((i * table.nRows) / n));
  const columns = table.columns.map((column) => takeCells(column, rows));
  const leaks =
    y === null
      ? []
      : describeLeaks(
          columns,
          Float64Array.from(rows, (i) => y[i]!),
        );
  return [...leaks, ...describeTwins(columns)];
}

function describeLeaks(columns: readonly Column[], y: Float64Array): readonly string[] {
  // Ranks, because the largest values of a target over decades have no near ones.
  const ranks = ranksOf(y);
  const explained = columns.map((column) => {
    const ofRanks = explainedBy(column, ranks);
    return ofRanks >= SUSPICIOUS_RANKS ? ofRanks : explainedBy(column, y);
  });
  const isSuspect = (share: number): boolean => share >= SUSPICIOUS;
  const others = explained.filter((share) => !isSuspect(share));
  if (others.some((share) => share > FAR_BEHIND)) return [];
  return columns.flatMap(({ name }, j) => {
    const share = explained[j]!;
    if (!isSuspect(share)) return [];
    const alone = `column "${name}" alone explains ${percent(share)} of the target's variance`;
    const check = "check that it is known before the target is";
    return [`${alone}, far more than the others; ${check}, or leave it out: --drop "${name}"`];
  });
}

/**
 * The share of the target's variance that a column explains in the rows that have a cell. Each row
 * is predicted from other rows: those of the same value, or else the two nearest. At most 1.
 */
function explainedBy(column: Column, y: Float64Array): number {
  const groups = groupsOf(column);
  const present = groups.flat();
  if (present.length < LEAST_ROWS) return 0;
  const middle = meanOf(y, present);
  const means = groups.map((rows) => meanOf(y, rows));
  let [missed, spread] = [0, 0];
  groups.forEach((rows, g) => {
    const beside = [means[g - 1], means[g + 1]].filter((value) => value !== undefined);
    const near =
      column.type === "number" && beside.length > 0
        ? beside.reduce((sum, value) => sum + value, 0) / beside.length
        : middle;
    for (const i of rows) {
      const n = rows.length;
      const answer = n > 1 ? (n * means[g]! - y[i]!) / (n - 1) : near;
      missed += (answer - y[i]!) ** 2;
      spread += (y[i]! - middle) ** 2;
    }
  });
  return spread > 0 ? 1 - missed / spread : 0;
}

/** Rows of equal cells, without missing ones; of numbers in their order. */
function groupsOf({ type, values }: Column): readonly (readonly number[])[] {
  const groups = new Map<number | string, number[]>();
  values.forEach((cell: number | string | null, i: number) => {
    if (cell === null || Number.isNaN(cell)) return;
    const group = groups.get(cell);
    if (group === undefined) groups.set(cell, [i]);
    else group.push(i);
  });
  if (type === "category") return [...groups.values()];
  return [...groups].sort(([a], [b]) => Number(a) - Number(b)).map(([, rows]) => rows);
}

/** Of equal values, one rank. */
function ranksOf(y: Float64Array): Float64Array {
  const places = new Map(Array.from(new Set(y.slice().sort()), (value, place) => [value, place]));
  return y.map((value) => places.get(value)!);
}

function meanOf(y: Float64Array, rows: readonly number[]): number {
  return rows.reduce((sum, i) => sum + y[i]!, 0) / rows.length;
}

/** Columns of which one follows from the other: numbers on a line, levels with other names. */
function describeTwins(columns: readonly Column[]): readonly string[] {
  const seen = new Map<string, string>();
  return columns.flatMap((column) => {
    const key = column.type === "number" ? lineKey(column.values) : levelKey(column.values);
    if (key === null) return [];
    const twin = seen.get(key);
    if (twin === undefined) {
      seen.set(key, column.name);
      return [];
    }
    return [`column "${column.name}" says what column "${twin}" says; one of them is enough`];
  });
}

/** Equal for numbers that lie on a line; null for a constant. */
function lineKey(values: Float64Array): string | null {
  const present = values.filter((value) => !Number.isNaN(value));
  const middle = present.reduce((sum, value) => sum + value / present.length, 0);
  const scale = Math.sqrt(present.reduce((sum, v) => sum + (v - middle) ** 2 / present.length, 0));
  if (!(scale > Math.abs(middle) * 1e-9)) return null;
  const sign = Math.sign(present.find((value) => Math.abs(value - middle) > scale / 2)! - middle);
  const standard = values.map((value) => (sign * (value - middle)) / scale);
  return `n ${Array.from(standard, (value) => value.toFixed(DIGITS)).join(" ")}`;
}

/** Equal for levels that differ by name alone; null where most are there once, or one is alone. */
function levelKey(values: readonly (string | null)[]): string | null {
  const codes = new Map<string | null, number>();
  const coded = values.map((value) => {
    const code = codes.get(value) ?? codes.size;
    codes.set(value, code);
    return code;
  });
  if (codes.size < 2 || codes.size > values.length / 2) return null;
  return `c ${coded.join(" ")}`;
}
