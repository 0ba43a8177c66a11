/** Sets whose rows are divided among sites: by regime, by group and by size. */
import type { SiteRows } from "../../cluster/sums/index.ts";
import {
  GENERATORS,
  type GeneratorName,
  generate,
  openData,
  selectFrom,
  selectTarget,
  type Table,
  takeTableRows,
} from "../../data/index.ts";
import { childSeed, createRng, type Rng, shuffle } from "../../shared/rng.ts";
import { correlation } from "../../shared/statistics.ts";

export const SPLITS = ["regime", "group", "size"] as const;
export type SplitName = (typeof SPLITS)[number];

/** Half of them generated, with known regimes; the others are in the package. */
export const SETS: readonly string[] = [
  ...["intervals", "curve", "five", "hysteresis"],
  ...["concrete", "water", "sacramento", "car-prices"],
];
export const N_SITES = 10;

const MOST_ROWS = 1300;
const TEST_SHARE = 0.25;
/** Of a regime's rows, those that lie at any site and not at one of the regime's own. */
const STRAY_SHARE = 0.1;
/** Regimes of a set of which none are known. */
const N_CELLS = 4;
/** A column of fewer values is a code or a flag. */
const LEAST_VALUES = 10;
/** Rows that a site must have. */
const LEAST_ROWS = 20;

export function rowsOfTable(table: Table, target: string): SiteRows {
  const { features, targetName, y } = selectTarget(table, target);
  return { features, targetName, y };
}

/** A set's rows, each at one site, a part of them for the test. */
export interface SitesCase {
  readonly train: SiteRows;
  readonly test: SiteRows;
  /** By site. */
  readonly sites: readonly { readonly train: SiteRows; readonly test: SiteRows }[];
}

interface Whole {
  readonly rows: SiteRows;
  readonly regimes: Int32Array;
}

/** The same test rows for each split of a set and seed. */
export async function sitesCase(set: string, seed: number, split: SplitName): Promise<SitesCase> {
  const whole = await openWhole(set, seed);
  const n = whole.rows.y.length;
  const order = Int32Array.from({ length: n }, (_, i) => i);
  shuffle(order, createRng(childSeed(seed, "test")));
  const isTest = new Uint8Array(n);
  for (const i of order.subarray(0, Math.round(TEST_SHARE * n))) isTest[i] = 1;
  const siteOf = placesOf(whole, split, createRng(childSeed(seed, `split ${split}`)));
  const part = (wanted: (i: number) => boolean): SiteRows =>
    takeSiteRows(
      whole.rows,
      Int32Array.from({ length: n }, (_, i) => i).filter((i) => wanted(i)),
    );
  const sites = Array.from({ length: N_SITES }, (_, s) => ({
    train: part((i) => siteOf[i] === s && isTest[i] === 0),
    test: part((i) => siteOf[i] === s && isTest[i] === 1),
  }));
  return { train: part((i) => isTest[i] === 0), test: part((i) => isTest[i] === 1), sites };
}

async function openWhole(set: string, seed: number): Promise<Whole> {
  const generator = GENERATORS.find((name): name is GeneratorName => name === set);
  if (generator !== undefined) {
    const { table, regimes } = generate(generator, { nRows: MOST_ROWS, seed });
    return { rows: rowsOfTable(table, "y"), regimes };
  }
  const { features, targetName, y } = selectFrom(await openData(set), {});
  const order = Int32Array.from(y.keys());
  shuffle(order, createRng(childSeed(seed, "rows")));
  const rows = takeSiteRows({ features, targetName, y }, order.slice(0, MOST_ROWS).sort());
  return { rows, regimes: cellsOf(rows) };
}

export function takeSiteRows({ features, targetName, y }: SiteRows, rows: Int32Array): SiteRows {
  return {
    features: takeTableRows(features, rows),
    targetName,
    y: Float64Array.from(rows, (i) => y[i]!),
  };
}

/** The site of each row. */
function placesOf({ rows, regimes }: Whole, split: SplitName, rng: Rng): Int32Array {
  const n = rows.y.length;
  if (split === "group") {
    const [column] = drivingColumns(rows);
    const ranks = ranksOf(column!);
    return ranks.map((rank) => Math.floor((N_SITES * rank) / n));
  }
  if (split === "size") return sizesOf(n, rng);
  const nRegimes = Math.max(...regimes) + 1;
  return regimes.map((regime) => {
    if (rng.uniform() < STRAY_SHARE) return rng.int(N_SITES);
    const own = Array.from({ length: N_SITES }, (_, s) => s).filter((s) => s % nRegimes === regime);
    return own[rng.int(own.length)]!;
  });
}

/** Rows at random; the sizes of sites fall as 1, 1/2, 1/3, above the least that each has. */
function sizesOf(n: number, rng: Rng): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  shuffle(order, rng);
  const places = new Int32Array(n);
  const harmonic = Array.from({ length: N_SITES }, (_, s) => 1 / (s + 1));
  const all = harmonic.reduce((sum, share) => sum + share, 0);
  const left = n - N_SITES * 2 * LEAST_ROWS;
  let at = 0;
  harmonic.forEach((share, s) => {
    const size = 2 * LEAST_ROWS + Math.floor((left * share) / all);
    for (let k = 0; k < size && at < n; k++) places[order[at++]!] = s;
  });
  return places;
}

/** Cells of the two columns that the target follows most, each cut at its median. */
function cellsOf(rows: SiteRows): Int32Array {
  const n = rows.y.length;
  const [first, second] = drivingColumns(rows).map(ranksOf);
  if (second === undefined) return first!.map((rank) => Math.floor((N_CELLS * rank) / n));
  return first!.map((rank, i) => (2 * rank < n ? 0 : 1) + (2 * second[i]! < n ? 0 : 2));
}

/** Columns of numbers, the most correlated with the target first. */
function drivingColumns({ features, y }: SiteRows): readonly Float64Array[] {
  const numbers = features.columns.flatMap((column) => {
    if (column.type !== "number" || new Set(column.values).size < LEAST_VALUES) return [];
    return [{ values: column.values, size: Math.abs(correlation(column.values, y)) }];
  });
  return numbers.sort((a, b) => b.size - a.size).map(({ values }) => values);
}

/** From 0; equal values in their order. */
function ranksOf(values: Float64Array): Int32Array {
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  const ranks = new Int32Array(values.length);
  order.forEach((i, rank) => {
    ranks[i] = rank;
  });
  return ranks;
}
