/**
 * The best condition on one column: the blocks that describe a regime best, exactly.
 *
 * "Best" means the largest overlap of the described rows and the regime's rows: their
 * intersection over their union (Jaccard 1901). A few maximisations of a weighted difference
 * maximise this ratio of sums (Dinkelbach 1967). Each has a direct solution: the levels of
 * positive weight, or the run of neighbouring numbers with the largest sum (Kadane).
 */
import { type BlockedColumn, isOrdered } from "./blocks.ts";

/** Rows of the regime and other rows, counted for each block or in all. */
export interface Tally {
  hits: number;
  misses: number;
}

/** The regime to describe, and the rows that earlier alternatives describe already. */
export interface Task {
  /** Rows of the regime, described or not. */
  readonly nRegime: number;
  readonly before: Readonly<Tally>;
}

/** |described ∩ regime| ÷ |described ∪ regime|. */
export function overlap({ nRegime, before }: Task, { hits, misses }: Readonly<Tally>): number {
  return (before.hits + hits) / (nRegime + before.misses + misses);
}

export interface BestBlocks {
  /** 1 for each block that is in. Shape (nBlocks,). */
  readonly allowed: Uint8Array;
  readonly overlap: number;
}

/** Most levels of a condition. */
const MAX_LEVELS = 4;
const MAX_TURNS = 20;

/**
 * Overlap 0 if no set of blocks adds anything.
 *
 * @param hits - Rows of the regime in each block that other conditions leave. Shape (nBlocks,).
 * @param misses - Likewise, rows of other regimes.
 */
export function bestBlocks(
  column: BlockedColumn,
  hits: Int32Array,
  misses: Int32Array,
  task: Task,
): BestBlocks {
  const choose = isOrdered(column) ? bestRun : bestLevels;
  const weights = new Float64Array(column.nBlocks);
  let best: BestBlocks = { allowed: new Uint8Array(column.nBlocks), overlap: 0 };
  let price = overlap(task, { hits: 0, misses: 0 });
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    for (let b = 0; b < weights.length; b++) weights[b] = hits[b]! - price * misses[b]!;
    const allowed = choose(weights, column.sizes);
    const reached = overlap(task, tally(allowed, hits, misses));
    if (reached <= best.overlap || !allowed.includes(1)) break;
    best = { allowed, overlap: reached };
    price = reached;
  }
  return best;
}

export function tally(allowed: Uint8Array, hits: Int32Array, misses: Int32Array): Tally {
  const sum = { hits: 0, misses: 0 };
  for (let b = 0; b < allowed.length; b++) {
    if (allowed[b] === 0) continue;
    sum.hits += hits[b]!;
    sum.misses += misses[b]!;
  }
  return sum;
}

/** The neighbouring numbers of largest sum, and the missing ones if their weight is positive. */
function bestRun(weights: Float64Array): Uint8Array {
  const last = weights.length - 1;
  const allowed = new Uint8Array(weights.length);
  const best = { sum: 0, from: 0, to: 0 };
  let sum = 0;
  let from = 0;
  for (let b = 0; b < last; b++) {
    if (sum <= 0) {
      sum = 0;
      from = b;
    }
    sum += weights[b]!;
    if (sum > best.sum) {
      best.sum = sum;
      best.from = from;
      best.to = b + 1;
    }
  }
  allowed.fill(1, best.from, best.to);
  if (weights[last]! > 0) allowed[last] = 1;
  return allowed;
}

/** The levels of positive weight; only the heaviest if neither they nor the others are few. */
function bestLevels(weights: Float64Array, sizes: Int32Array): Uint8Array {
  const inside = [...weights.keys()].filter((b) => weights[b]! > 0);
  const nOthers = sizes.reduce((n, size, b) => (size > 0 && weights[b]! <= 0 ? n + 1 : n), 0);
  const heaviest = inside.sort((a, b) => weights[b]! - weights[a]! || a - b);
  const isMany = inside.length > MAX_LEVELS && nOthers > MAX_LEVELS;
  const allowed = new Uint8Array(weights.length);
  for (const b of isMany ? heaviest.slice(0, MAX_LEVELS) : heaviest) allowed[b] = 1;
  return allowed;
}
