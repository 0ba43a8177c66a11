/**
 * The pieces of regimes: rows that are connected in x.
 *
 * A flexible net can serve two distant parts of the inputs with two unrelated laws, and the
 * likelihood allows it. So a regime is cut into unconnected pieces, and the merge test
 * rejoins the pieces that one law explains. Rows are connected if they are of one regime and one
 * is among the nearest neighbours of the other.
 */
import type { Matrix } from "../../shared/matrix.ts";
import { nearest } from "./neighbours.ts";

/** What is cut. */
export interface Cutting {
  readonly X: Matrix;
  /** The nearest rows of every row. */
  readonly neighbours: readonly Int32Array[];
  /** The regime of each row. Shape (nRows,). */
  readonly labels: Int32Array;
}

/**
 * The piece of every row, numbered by regime, larger pieces first.
 *
 * @param leastRows - A smaller piece goes to the piece of its regime that is nearest.
 */
export function cutIntoPieces(
  { X, neighbours, labels }: Cutting,
  leastRows: number,
): { readonly labels: Int32Array; readonly nPieces: number } {
  const roots = connect(neighbours, labels);
  const rowsOf = new Map<number, number[]>();
  roots.forEach((root, i) => {
    const pieceRows = rowsOf.get(root);
    if (pieceRows === undefined) rowsOf.set(root, [i]);
    else pieceRows.push(i);
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
  const isOwn = (i: number, j: number): boolean => pieces[j]! >= 0 && labels[j] === labels[i];
  const cut = pieces.map((piece, i) =>
    piece >= 0 ? piece : pieces[nearest(X, i, (j) => isOwn(i, j))]!,
  );
  return { labels: cut, nPieces: large.length };
}

/** One row that represents each row's piece, the same for all rows of the piece. */
function connect(neighbours: readonly Int32Array[], labels: Int32Array): Int32Array {
  const parents = Int32Array.from(labels.keys());
  const find = (i: number): number => {
    let root = i;
    while (parents[root] !== root) {
      parents[root] = parents[parents[root]!]!;
      root = parents[root]!;
    }
    return root;
  };
  neighbours.forEach((near, i) => {
    for (const j of near) {
      if (labels[i] !== labels[j]) continue;
      const [a, b] = [find(i), find(j)];
      parents[Math.max(a, b)] = Math.min(a, b);
    }
  });
  return parents.map((_, i) => find(i));
}
