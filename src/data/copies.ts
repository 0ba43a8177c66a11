/**
 * Rows that stand in a table several times: held out beside its copy, a row is no held-out row, and
 * every error measured on it flatters the model.
 *
 * Copies are equal in all features and in the target. Where features and target have few values,
 * equal rows come about by chance: they are copies only if there are many more than chance gives.
 */
import type { Column, Table } from "./table.ts";

/** The features and targets that copies are looked for in. */
export interface CopiedTable {
  readonly features: Table;
  /** Shape (features.nRows,). */
  readonly y: Float64Array;
  /** Rows of one group stay together; null if each row stands alone. Shape (features.nRows,). */
  readonly groups: readonly string[] | null;
}

export interface Copies {
  /**
   * As given, with the groups of copies joined; null if there are neither. Shape (rows.length,).
   */
  readonly groups: readonly string[] | null;
  /** Of each row the first that it is a copy of; itself if it is none. Shape (rows.length,). */
  readonly firsts: Int32Array;
  /** Rows that are copies of one before them. */
  readonly nCopies: number;
}

/** Equal pairs are copies if they are at least this many times as many as by chance. */
const TIMES_CHANCE = 10;
/** Of fewer different rows, folds could not be made. */
const LEAST_DIFFERENT = 10;

/**
 * Groups that keep copies on one side of every split.
 *
 * @param rows - Row numbers of the table; all if not given.
 */
export function keepCopiesTogether(table: CopiedTable, rows?: Int32Array): Copies {
  const chosen = rows ?? Int32Array.from(table.y.keys());
  const given = table.groups && Array.from(chosen, (i) => table.groups![i]!);
  const columns = [...table.features.columns, targetColumn(table.y)].map((column) =>
    codesOf(column, chosen),
  );
  const firsts = firstEqualRows(columns, chosen.length);
  const nCopies = firsts.reduce((count, first, r) => (first < r ? count + 1 : count), 0);
  const nDifferent = chosen.length - nCopies;
  const isCopied = nCopies > 0 && nDifferent >= LEAST_DIFFERENT && !isChance(columns, firsts);
  return isCopied
    ? { groups: joined(firsts, given), firsts, nCopies }
    : { groups: given, firsts: Int32Array.from(chosen.keys()), nCopies: 0 };
}

function targetColumn(values: Float64Array): Column {
  return { type: "number", name: "", values };
}

/** Equal cells as equal whole numbers, from 0 on. */
function codesOf({ values }: Column, rows: Int32Array): Int32Array {
  const codes = new Map<number | string | null, number>();
  return Int32Array.from(rows, (i) => {
    const cell = values[i]!;
    const code = codes.get(cell) ?? codes.size;
    codes.set(cell, code);
    return code;
  });
}

/** Of each row the first that is equal to it in all columns. */
function firstEqualRows(columns: readonly Int32Array[], nRows: number): Int32Array {
  const firsts = new Int32Array(nRows);
  const byHash = new Map<number, number[]>();
  for (let r = 0; r < nRows; r++) {
    let [high, low] = [0, 0];
    for (const codes of columns) {
      high = Math.imul(high ^ codes[r]!, 0x01000193);
      low = Math.imul(low + codes[r]!, 0x9e3779b1) ^ (low >>> 15);
    }
    const hash = (high >>> 0) * 2 ** 21 + ((low >>> 0) % 2 ** 21);
    const alike = byHash.get(hash);
    const first = alike?.find((one) => columns.every((codes) => codes[one] === codes[r]));
    firsts[r] = first ?? r;
    if (alike === undefined) byHash.set(hash, [r]);
    else if (first === undefined) alike.push(r);
  }
  return firsts;
}

/**
 * Whether chance gives as many equal pairs: features that agree independently of each other, or as
 * often as they do in rows of different targets, and targets that agree.
 */
function isChance(columns: readonly Int32Array[], firsts: Int32Array): boolean {
  const different = [...firsts.keys()].filter((r) => firsts[r] === r);
  const features = columns.slice(0, -1);
  const alone = features.reduce((product, codes) => product * agreement(codes, different), 1);
  const sameFeatures = firstEqualRows(
    features.map((codes) => Int32Array.from(different, (r) => codes[r]!)),
    different.length,
  );
  const together = agreement(sameFeatures, [...different.keys()]);
  const nPairs = (firsts.length * (firsts.length - 1)) / 2;
  const byChance = nPairs * Math.max(alone, together) * agreement(columns.at(-1)!, different);
  return pairsOf(firsts) < TIMES_CHANCE * byChance;
}

/** The share of pairs of the given rows that are equal. */
function agreement(codes: Int32Array, rows: readonly number[]): number {
  const nPairs = (rows.length * (rows.length - 1)) / 2;
  return nPairs === 0 ? 0 : pairsOf(Int32Array.from(rows, (r) => codes[r]!)) / nPairs;
}

/** Pairs of equal values. */
function pairsOf(values: Int32Array): number {
  const counts = new Map<number, number>();
  let nPairs = 0;
  for (const value of values) {
    const before = counts.get(value) ?? 0;
    nPairs += before;
    counts.set(value, before + 1);
  }
  return nPairs;
}

/** Names of groups of which none shares a copy with another. */
function joined(firsts: Int32Array, given: readonly string[] | null): readonly string[] {
  const parent = Int32Array.from(firsts.keys());
  const rootOf = (r: number): number => {
    let root = r;
    while (parent[root] !== root) root = parent[root]!;
    for (let at = r; parent[at] !== root; ) [parent[at], at] = [root, parent[at]!];
    return root;
  };
  const firstOfGroup = new Map<string, number>();
  firsts.forEach((first, r) => {
    parent[rootOf(r)] = rootOf(first);
    if (given === null) return;
    const group = firstOfGroup.get(given[r]!);
    if (group === undefined) firstOfGroup.set(given[r]!, r);
    else parent[rootOf(r)] = rootOf(group);
  });
  return Array.from(firsts, (_, r) => given?.[rootOf(r)] ?? `row ${rootOf(r)}`);
}
