/**
 * The best conjunction: a few conditions on different columns that together describe a regime.
 *
 * From several starts, the search adds and refits one condition at a time while the overlap with
 * the regime grows; then it removes conditions and bounds that add little. Starts other than
 * "everything" find regimes that no single column separates.
 */
import { type BlockedColumn, isOrdered } from "./blocks.ts";
import { bestBlocks, overlap, type Task, tally } from "./conditions.ts";

/** The allowed blocks of each column, by column number. */
export type Conjunction = ReadonlyMap<number, Uint8Array>;

/** The rows to describe, and which of them are of the regime. */
export interface Scene {
  readonly columns: readonly BlockedColumn[];
  /** 1 for rows of the regime. Shape (nRows,). */
  readonly isRegime: Uint8Array;
  /** Rows that no earlier alternative describes. */
  readonly rows: Int32Array;
  readonly task: Task;
}

export interface Described {
  readonly conjunction: Conjunction;
  readonly overlap: number;
}

const MAX_CONDITIONS = 3;
const MAX_STEPS = 12;
const MAX_STARTS = 8;
/** Slices of a column that a search may start from, as shares of its rows. */
const SLICES = [
  [0, 1 / 2],
  [1 / 2, 1],
  [0, 1 / 3],
  [1 / 3, 2 / 3],
  [2 / 3, 1],
] as const;
/** Largest levels of a column that a search may start from. */
const MAX_START_LEVELS = 6;
/** Most overlap that all simplifications together may cost. */
const MAX_LOSS = 0.01;
const MIN_GAIN = 1e-6;

/**
 * The conjunction with the largest overlap; among equal ones, that with the fewest conditions. It
 * has at least one condition; null if no column varies.
 */
export function bestConjunction(scene: Scene): Described | null {
  const found = startsOf(scene)
    .map((start) => simplify(scene, climb(scene, start)))
    .filter(({ conjunction }) => conjunction.size > 0);
  return found.reduce<Described | null>((best, next) => {
    if (best === null) return next;
    const gain = next.overlap - best.overlap;
    if (Math.abs(gain) > MIN_GAIN) return gain > 0 ? next : best;
    return next.conjunction.size < best.conjunction.size ? next : best;
  }, null);
}

/** Everything, and the slices of one column that overlap most. */
function startsOf(scene: Scene): readonly Conjunction[] {
  const slices = scene.columns.flatMap((column, c) =>
    slicesOf(column).map((allowed): Described => {
      const conjunction = new Map([[c, allowed]]);
      return { conjunction, overlap: overlapOf(scene, conjunction) };
    }),
  );
  const best = slices.sort((a, b) => b.overlap - a.overlap).slice(0, MAX_STARTS);
  return [new Map(), ...best.map(({ conjunction }) => conjunction)];
}

function slicesOf(column: BlockedColumn): readonly Uint8Array[] {
  const { sizes, nBlocks } = column;
  if (nonEmpty(column) < 2) return [];
  if (isOrdered(column)) {
    const slices = SLICES.map(([from, to]) => rangeOfRows(column, from, to));
    return slices.filter((allowed) => allowed.includes(1));
  }
  const largest = [...sizes.keys()].sort((a, b) => sizes[b]! - sizes[a]! || a - b);
  return largest.slice(0, MAX_START_LEVELS).map((b) => new Uint8Array(nBlocks).fill(1, b, b + 1));
}

/** The numbers that hold the rows from one share of all to another. */
function rangeOfRows({ sizes, nBlocks }: BlockedColumn, from: number, to: number): Uint8Array {
  const present = sizes.subarray(0, -1);
  const nRows = present.reduce((sum, size) => sum + size, 0);
  const allowed = new Uint8Array(nBlocks);
  let seen = 0;
  for (let b = 0; b < present.length; b++) {
    const middle = (seen + present[b]! / 2) / nRows;
    if (middle >= from && middle < to) allowed[b] = 1;
    seen += present[b]!;
  }
  return allowed;
}

function nonEmpty({ sizes }: BlockedColumn): number {
  return sizes.reduce((n, size) => (size > 0 ? n + 1 : n), 0);
}

/** Coordinate ascent: repeats the one change of one condition that gains most. */
function climb(scene: Scene, start: Conjunction): Described {
  let best: Described = { conjunction: start, overlap: overlapOf(scene, start) };
  for (let step = 0; step < MAX_STEPS; step++) {
    const next = bestChange(scene, best);
    if (next.overlap <= best.overlap + MIN_GAIN) break;
    best = next;
  }
  return best;
}

function bestChange(scene: Scene, current: Described): Described {
  const { columns, isRegime, task } = scene;
  const full = current.conjunction.size === MAX_CONDITIONS;
  let best = current;
  columns.forEach((column, c) => {
    if (full && !current.conjunction.has(c)) return;
    const others = new Map([...current.conjunction].filter(([other]) => other !== c));
    const [hits, misses] = [new Int32Array(column.nBlocks), new Int32Array(column.nBlocks)];
    forEachRow(scene, others, (i) => {
      const counts = isRegime[i] === 1 ? hits : misses;
      counts[column.blockOf[i]!]! += 1;
    });
    const found = bestBlocks(column, hits, misses, task);
    if (found.overlap <= best.overlap + MIN_GAIN) return;
    const conjunction = withCondition(scene, others, c, found.allowed);
    if (conjunction.size === 0) return;
    best = { conjunction, overlap: found.overlap };
  });
  return best;
}

/** A condition that every row meets is dropped. */
function withCondition(
  { columns }: Scene,
  others: Conjunction,
  c: number,
  allowed: Uint8Array,
): Conjunction {
  const isVacuous = columns[c]!.sizes.every((size, b) => size === 0 || allowed[b] === 1);
  return isVacuous ? others : new Map([...others, [c, allowed]]);
}

/** Removes bounds one by one, the cheapest first, while the loss stays small. */
function simplify(scene: Scene, found: Described): Described {
  const least = found.overlap - MAX_LOSS;
  let best = found;
  for (;;) {
    const simpler = simplerOnes(scene, best.conjunction)
      .filter(({ size }) => size > 0)
      .map((conjunction) => ({ conjunction, overlap: overlapOf(scene, conjunction) }))
      .sort((a, b) => b.overlap - a.overlap)[0];
    if (simpler === undefined || simpler.overlap < least) return best;
    best = simpler;
  }
}

/** Without one condition, without one bound, or with missing values allowed. */
function simplerOnes(scene: Scene, conjunction: Conjunction): readonly Conjunction[] {
  return [...conjunction].flatMap(([c, allowed]) => {
    const column = scene.columns[c]!;
    const others = new Map([...conjunction].filter(([other]) => other !== c));
    const wider = isOrdered(column) ? widerRanges(column, allowed) : [];
    return [others, ...wider.map((blocks) => withCondition(scene, others, c, blocks))];
  });
}

function widerRanges({ sizes, nBlocks }: BlockedColumn, allowed: Uint8Array): Uint8Array[] {
  const last = nBlocks - 1;
  const from = allowed.indexOf(1);
  const to = allowed.lastIndexOf(1, last - 1);
  const wider: Uint8Array[] = [];
  const widen = (begin: number, end: number): void => {
    wider.push(allowed.slice().fill(1, begin, end));
  };
  if (from < last && from > 0) widen(0, from);
  if (from < last && to < last - 1) widen(to, last);
  if (allowed[last] === 0 && sizes[last]! > 0) widen(last, nBlocks);
  return wider;
}

export function overlapOf(scene: Scene, conjunction: Conjunction): number {
  const counts = { hits: new Int32Array(1), misses: new Int32Array(1) };
  forEachRow(scene, conjunction, (i) => {
    (scene.isRegime[i] === 1 ? counts.hits : counts.misses)[0]! += 1;
  });
  return overlap(scene.task, tally(Uint8Array.of(1), counts.hits, counts.misses));
}

/** The rows that meet all conditions. */
export function forEachRow(
  { columns, rows }: Pick<Scene, "columns" | "rows">,
  conjunction: Conjunction,
  visit: (row: number) => void,
): void {
  const tests = [...conjunction].map(([c, allowed]) => ({ allowed, of: columns[c]!.blockOf }));
  for (const i of rows) {
    if (tests.every(({ allowed, of }) => allowed[of[i]!] === 1)) visit(i);
  }
}
