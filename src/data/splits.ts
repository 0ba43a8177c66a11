/** Divides rows into training and test rows: by seed, by group, or as published. */
import { BailiwickError, checkInteger } from "../shared/errors.ts";
import { childSeed, createRng, shuffle } from "../shared/rng.ts";

export interface Split {
  /** Row numbers, ascending; both together are all rows. */
  readonly train: Int32Array;
  readonly test: Int32Array;
}

export interface HoldOutOptions {
  /** Share of the rows, above 0 and below 1. */
  readonly testFraction: number;
  readonly seed: number;
  /** Rows of one group stay on one side. Default: no groups. Shape (nRows,). */
  readonly groups?: readonly string[] | null;
}

/**
 * One split with about `testFraction` of the rows to test on, at least one row (or group) on each
 * side. Groups are drawn at random until the share is reached; a group that would more than double
 * the share is skipped.
 *
 * @throws TOO_FEW_ROWS with one row or one group; INVALID_OPTION for another `testFraction`.
 */
export function holdOut(nRows: number, { testFraction, seed, groups }: HoldOutOptions): Split {
  if (!(testFraction > 0 && testFraction < 1)) {
    const message = `testFraction must be above 0 and below 1, got ${testFraction}`;
    throw new BailiwickError("INVALID_OPTION", message, { testFraction });
  }
  const parts = groups ? new Set(groups).size : nRows;
  if (parts < 2) {
    const message = `a hold-out needs at least 2 ${groups ? "groups" : "rows"}, got ${parts}`;
    throw new BailiwickError("TOO_FEW_ROWS", message, { found: parts });
  }
  const nTest = Math.min(nRows - 1, Math.max(1, Math.round(nRows * testFraction)));
  if (groups) {
    const held = drawGroups(groups, nTest, seed);
    return splitBy(nRows, (row) => held.has(groups[row]!));
  }
  const order = shuffledRows(nRows, seed);
  return splitBy(nRows, (row) => order[row]! < nTest);
}

/** Groups of about `nTest` rows together, never all; the smallest one if all are large. */
function drawGroups(groups: readonly string[], nTest: number, seed: number): ReadonlySet<string> {
  const sizes = countByGroup(groups);
  const names = shuffledNames(sizes, seed);
  const held = new Set<string>();
  let nHeld = 0;
  for (const name of names) {
    const size = sizes.get(name)!;
    if (nHeld >= nTest || held.size === names.length - 1) break;
    if (nHeld + size > 2 * nTest) continue;
    held.add(name);
    nHeld += size;
  }
  if (held.size === 0) held.add(names.reduce((a, b) => (sizes.get(b)! < sizes.get(a)! ? b : a)));
  return held;
}

export interface KFoldOptions {
  readonly folds: number;
  readonly seed: number;
}

/**
 * A split for each fold: every row is a test row once, and folds differ by one row at most. With
 * `repeats`, as many such lists of splits follow each other, each shuffled again.
 *
 * @throws TOO_FEW_ROWS with more folds than rows.
 */
export function kFold(
  nRows: number,
  { folds, seed, repeats = 1 }: KFoldOptions & { readonly repeats?: number },
): readonly Split[] {
  checkInteger("folds", folds, 2);
  checkInteger("repeats", repeats, 1);
  if (nRows < folds) {
    const message = `${folds} folds need at least ${folds} rows, got ${nRows}`;
    throw new BailiwickError("TOO_FEW_ROWS", message, { folds, nRows });
  }
  return Array.from({ length: repeats }, (_, repeat) => {
    const repeatSeed = repeat === 0 ? seed : childSeed(seed, `repeat ${repeat}`);
    const order = shuffledRows(nRows, repeatSeed);
    return Array.from({ length: folds }, (_, fold) =>
      splitBy(nRows, (row) => order[row]! % folds === fold),
    );
  }).flat();
}

/**
 * k-fold over groups: no group is on both sides of a split. Groups go, largest first, to the fold
 * with the fewest rows, so that folds are of similar size.
 *
 * @throws TOO_FEW_ROWS with more folds than groups.
 */
export function groupedKFold(
  groups: readonly string[],
  { folds, seed }: KFoldOptions,
): readonly Split[] {
  checkInteger("folds", folds, 2);
  const sizes = countByGroup(groups);
  if (sizes.size < folds) {
    const message = `${folds} folds need at least ${folds} groups, got ${sizes.size}`;
    throw new BailiwickError("TOO_FEW_ROWS", message, { folds, groups: sizes.size });
  }
  const names = shuffledNames(sizes, seed);
  names.sort((a, b) => sizes.get(b)! - sizes.get(a)!);
  const load = new Array<number>(folds).fill(0);
  const foldOf = new Map<string, number>();
  for (const name of names) {
    const fold = load.indexOf(Math.min(...load));
    foldOf.set(name, fold);
    load[fold]! += sizes.get(name)!;
  }
  return load.map((_, fold) => splitBy(groups.length, (row) => foldOf.get(groups[row]!) === fold));
}

function countByGroup(groups: readonly string[]): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  return sizes;
}

/** The names in an order that depends on them and the seed, not on the order of the rows. */
function shuffledNames(sizes: ReadonlyMap<string, number>, seed: number): string[] {
  const sorted = [...sizes.keys()].sort();
  return Array.from(shuffledRows(sorted.length, seed), (place) => sorted[place]!);
}

/**
 * Published splits: a line for each, the numbers of its test rows, from 0, with spaces between.
 *
 * @throws DATA_MALFORMED naming the line, if a number is no row of the data.
 */
export function parseSplits(text: string, nRows: number): readonly Split[] {
  const splits = text.split(/\r?\n/).flatMap((line, place) => {
    if (line.trim() === "") return [];
    const words = line.trim().split(/\s+/);
    const bad = words.find((word) => !/^\d+$/.test(word) || Number(word) >= nRows);
    const test = new Set(words.map(Number));
    if (bad !== undefined || test.size === nRows) {
      throw new BailiwickError(
        "DATA_MALFORMED",
        `line ${place + 1} must name some of the rows 0 to ${nRows - 1}, got ${bad ?? "all"}`,
        { line: place + 1 },
      );
    }
    return [splitBy(nRows, (row) => test.has(row))];
  });
  if (splits.length > 0) return splits;
  throw new BailiwickError("DATA_MALFORMED", "a split file must have lines, got none");
}

/** The place of each row in a seeded shuffle. */
function shuffledRows(nRows: number, seed: number): Int32Array {
  const order = Int32Array.from({ length: nRows }, (_, i) => i);
  shuffle(order, createRng(seed));
  return order;
}

function splitBy(nRows: number, isTest: (row: number) => boolean): Split {
  const rows = Int32Array.from({ length: nRows }, (_, i) => i);
  return { train: rows.filter((row) => !isTest(row)), test: rows.filter(isTest) };
}
