/**
 * Starts from a model tree: a part is cut in two, along one feature, where two linear (or
 * quadratic) laws leave the least squared error; the part that gains most is cut first (Quinlan
 * 1992). Its leaves are parts of the inputs in which one simple law nearly holds.
 */
import type { Samples } from "../../experts/index.ts";
import type { Matrix } from "../../shared/matrix.ts";
import {
  addMoments,
  addRow,
  leastSquaredError,
  type Moments,
  noMoments,
  type Terms,
  termsOf,
} from "./moments.ts";

const PENALTY = 1;
/** Thresholds tried for a feature, at equal steps of rank. */
const CUTS = 24;
/** A leaf has this many rows a term at least, */
const ROWS_A_TERM = 2;
/** and this many anyhow. */
const LEAST_ROWS = 20;

interface Cut {
  readonly feature: number;
  /** Rows up to it go to the first part. */
  readonly threshold: number;
  readonly gain: number;
}

interface Node {
  readonly rows: Int32Array;
  readonly best: Cut | null;
  parts?: readonly [Node, Node];
}

export interface ModelTreeOptions {
  readonly quadratic: boolean;
  /** Numbers of leaves. At least one. */
  readonly sizes: readonly number[];
}

/**
 * The leaf of every sample, by the number of leaves; sizes that need more rows are left out.
 *
 * @param rows - The samples that the tree is grown on.
 */
export function modelTreeLabels(
  samples: Pick<Samples, "X" | "y">,
  rows: Int32Array,
  { quadratic, sizes }: ModelTreeOptions,
): ReadonlyMap<number, Int32Array> {
  const { X } = samples;
  const terms = termsOf(samples, quadratic);
  const grow = (part: Int32Array): Node => ({ rows: part, best: bestCut(X, terms, part) });
  const root = grow(rows);
  const labels = new Map<number, Int32Array>();
  let front: readonly Node[] = [root];
  const most = Math.max(...sizes);
  while (front.length <= most) {
    if (sizes.includes(front.length)) labels.set(front.length, route(X, root, front));
    const next = front.reduce((a, b) => ((b.best?.gain ?? 0) > (a.best?.gain ?? 0) ? b : a));
    if (front.length === most || next.best === null || next.best.gain <= 0) break;
    const { best } = next;
    const parts = [true, false].map((first) =>
      grow(next.rows.filter((i) => isFirst(X, i, best) === first)),
    );
    next.parts = [parts[0]!, parts[1]!];
    front = front.flatMap((node) => (node === next ? next.parts! : [node]));
  }
  return labels;
}

function isFirst(X: Matrix, i: number, { feature, threshold }: Cut): boolean {
  return X.values[i * X.nColumns + feature]! <= threshold;
}

function route(X: Matrix, root: Node, front: readonly Node[]): Int32Array {
  const place = new Map(front.map((node, label) => [node, label]));
  return Int32Array.from({ length: X.nRows }, (_, i) => {
    let node = root;
    while (node.parts !== undefined) node = node.parts[isFirst(X, i, node.best!) ? 0 : 1];
    return place.get(node)!;
  });
}

/** null if there are too few rows for two parts, or no threshold. */
function bestCut(X: Matrix, terms: Terms, rows: Int32Array): Cut | null {
  const leastRows = Math.max(ROWS_A_TERM * terms.p, LEAST_ROWS);
  if (rows.length < 2 * leastRows) return null;
  const whole = noMoments(terms.p);
  for (const i of rows) addRow(whole, terms, i);
  const base = leastSquaredError(whole, terms.p, PENALTY);
  let best: Cut | null = null;
  for (let feature = 0; feature < X.nColumns; feature++) {
    const cut = bestCutAlong({ X, terms, rows, leastRows }, feature, whole);
    if (cut === null) continue;
    const gain = base - cut.error;
    if (best === null || gain > best.gain) best = { feature, threshold: cut.threshold, gain };
  }
  return best;
}

interface Cutting {
  readonly X: Matrix;
  readonly terms: Terms;
  readonly rows: Int32Array;
  readonly leastRows: number;
}

/** The threshold of one feature that leaves the least squared error, or null. */
function bestCutAlong(
  { X, terms, rows, leastRows }: Cutting,
  feature: number,
  whole: Moments,
): { readonly threshold: number; readonly error: number } | null {
  const cellOf = (i: number): number => X.values[i * X.nColumns + feature]!;
  const order = rows.slice().sort((a, b) => cellOf(a) - cellOf(b));
  const first = noMoments(terms.p);
  let best: { threshold: number; error: number } | null = null;
  let at = 0;
  for (let c = 1; c <= CUTS; c++) {
    const to = Math.round((c * order.length) / (CUTS + 1));
    while (at < to) addRow(first, terms, order[at++]!);
    // Equal values stay together.
    while (at > 0 && at < order.length && cellOf(order[at]!) === cellOf(order[at - 1]!)) {
      addRow(first, terms, order[at++]!);
    }
    if (at < leastRows || order.length - at < leastRows) continue;
    const second = noMoments(terms.p);
    addMoments(second, whole, 1);
    addMoments(second, first, -1);
    const error =
      leastSquaredError(first, terms.p, PENALTY) + leastSquaredError(second, terms.p, PENALTY);
    if (best !== null && error >= best.error) continue;
    best = { error, threshold: (cellOf(order[at - 1]!) + cellOf(order[at]!)) / 2 };
  }
  return best;
}
