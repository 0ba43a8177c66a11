/**
 * The pieces that regimes consist of: rows that hang together in x.
 *
 * A flexible net can serve two distant parts of the inputs with two unrelated laws, and the
 * likelihood does not mind. So a regime is cut where nothing connects it, and the merge test
 * rejoins the pieces that one law explains. Rows are connected if they are of one regime and one
 * is among the nearest neighbours of the other.
 */
import type { Matrix } from "../../shared/matrix.ts";

const NEIGHBOURS = 8;

/**
 * The piece of every row, numbered by regime, larger pieces first.
 *
 * @param labels - The regime of each row. Shape (nRows,).
 * @param leastRows - A smaller piece goes to the piece of its regime that is nearest.
 */
export function cutIntoPieces(
  X: Matrix,
  labels: Int32Array,
  leastRows: number,
): { readonly labels: Int32Array; readonly nPieces: number } {
  const roots = connect(X, labels);
  const rowsOf = new Map<number, number[]>();
  roots.forEach((root, i) => {
    rowsOf.set(root, [...(rowsOf.get(root) ?? []), i]);
  });
  const bySize = [...rowsOf.keys()].sort(
    (a, b) => labels[a]! - labels[b]! || rowsOf.get(b)!.length - rowsOf.get(a)!.length,
  );
  const large = bySize.filter(
    (root, place) =>
      rowsOf.get(root)!.length >= leastRows || labels[root] !== labels[bySize[place - 1] ?? -1],
  );
  const pieces = new Int32Array(labels.length).fill(-1);
  large.forEach((root, piece) => {
    for (const i of rowsOf.get(root)!) pieces[i] = piece;
  });
  const settled = Int32Array.from(pieces.keys()).filter((i) => pieces[i]! >= 0);
  const cut = pieces.map((piece, i) =>
    piece >= 0 ? piece : pieces[nearest(X, i, X, settled, (j) => labels[j] === labels[i])]!,
  );
  return { labels: cut, nPieces: large.length };
}

/** Of the given rows of `among` that qualify, the nearest to row i of `of`; −1 if none does. */
export function nearest(
  of: Matrix,
  i: number,
  among: Matrix,
  rows: Int32Array,
  qualifies: (row: number) => boolean,
): number {
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (const j of rows) {
    if (!qualifies(j)) continue;
    const distance = squaredDistance(of, i, among, j);
    if (distance < least) {
      least = distance;
      best = j;
    }
  }
  return best;
}

function squaredDistance(a: Matrix, i: number, b: Matrix, j: number): number {
  let sum = 0;
  for (let c = 0; c < a.nColumns; c++) {
    const difference = a.values[i * a.nColumns + c]! - b.values[j * b.nColumns + c]!;
    sum += difference * difference;
  }
  return sum;
}

/** A row that stands for each row's piece, the same for all rows of a piece. */
function connect(X: Matrix, labels: Int32Array): Int32Array {
  const parents = Int32Array.from(labels.keys());
  const find = (i: number): number => {
    let root = i;
    while (parents[root] !== root) {
      parents[root] = parents[parents[root]!]!;
      root = parents[root]!;
    }
    return root;
  };
  for (let i = 0; i < X.nRows; i++) {
    for (const j of neighbours(X, i)) {
      if (labels[i] !== labels[j]) continue;
      const [a, b] = [find(i), find(j)];
      parents[Math.max(a, b)] = Math.min(a, b);
    }
  }
  return parents.map((_, i) => find(i));
}

/** The nearest rows, whatever their regime, in no order. */
function neighbours(X: Matrix, i: number): readonly number[] {
  const rows: number[] = [];
  const distances: number[] = [];
  let farthest = Number.POSITIVE_INFINITY;
  for (let j = 0; j < X.nRows; j++) {
    if (j === i) continue;
    const distance = squaredDistance(X, i, X, j);
    if (distance >= farthest) continue;
    if (rows.length === NEIGHBOURS) {
      const place = distances.indexOf(farthest);
      rows[place] = j;
      distances[place] = distance;
    } else {
      rows.push(j);
      distances.push(distance);
    }
    if (rows.length === NEIGHBOURS) farthest = Math.max(...distances);
  }
  return rows;
}
