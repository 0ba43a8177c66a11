/** Which methods rank first over many data sets, and which ranks are apart for more than luck? */
import { checkInteger } from "../shared/errors.ts";
import { mean } from "./regression.ts";

/** Ranks from 1, the least first; equal values share the mean of their places. */
export function midranks(values: readonly number[]): readonly number[] {
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  const ranks = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let place = from; place < to; place++) ranks[order[place]!] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}

/**
 * Each method's rank among the methods, averaged over the sets; the best is near 1.
 * Source: Friedman 1937; for classifiers over data sets Demšar 2006, section 3.2.2.
 *
 * @param errors - One row a set, one column a method. Shape (nSets, nMethods), at least one set.
 */
export function friedmanRanks(errors: readonly (readonly number[])[]): readonly number[] {
  checkInteger("errors.length", errors.length, 1);
  const ranks = errors.map(midranks);
  return ranks[0]!.map((_, method) => mean(ranks.map((row) => row[method]!)));
}

/**
 * q at α = .05 for 2, 3 … 20 methods: the studentized range's .95 quantile at infinite degrees of
 * freedom ÷ √2. Made by test/metrics/fixture.py with scipy; Demšar 2006, table 5, has the first.
 */
const Q_05: readonly number[] = [
  1.959964, 2.343701, 2.569032, 2.727774, 2.849705, 2.94832, 3.030878, 3.10173, 3.163684, 3.218654,
  3.268004, 3.312739, 3.353618, 3.39123, 3.426041, 3.458425, 3.488685, 3.517073, 3.543799,
];
const FEWEST = 2;

/**
 * How far apart two mean ranks must lie for the methods to differ at α = .05 when every pair is
 * compared. Source: Nemenyi 1963, as in Demšar 2006, section 3.2.2.
 *
 * @param nMethods - 2 to 20; null is returned for another number.
 */
export function nemenyiDifference(nMethods: number, nSets: number): number | null {
  const q = Q_05[nMethods - FEWEST];
  if (q === undefined) return null;
  return q * Math.sqrt((nMethods * (nMethods + 1)) / (6 * nSets));
}
