/**
 * Exact Shapley values of any answer, by asking for every coalition: for few columns.
 *
 * φ_c = Σ_S |S|! (m − |S| − 1)! / m! · (v(S ∪ c) − v(S)) over the coalitions S without column c.
 * Source: Shapley 1953.
 */
import { type Matrix, rowOf } from "../../shared/matrix.ts";
import { type Answerer, differingColumns, type Explained } from "./game.ts";

/** The number of answers that the enumeration asks for. */
export function enumeratedAnswers(explained: Explained): number {
  let answers = 0;
  for (let r = 0; r < explained.background.X.nRows; r++) {
    answers += 2 ** differingColumns(explained, r).length;
  }
  return answers;
}

/** Adds the values of the row against each background row. Modifies `into`. */
export function addEnumeratedShares(
  answer: Answerer,
  explained: Explained,
  into: Float64Array,
): void {
  const { X, weights } = explained.background;
  const games = Array.from({ length: X.nRows }, (_, r) => differingColumns(explained, r));
  const worths = answer(coalitionsOf(explained, games));
  let start = 0;
  games.forEach((columns, r) => {
    const end = start + 2 ** columns.length;
    addShares(worths.subarray(start, end), columns, weights[r]!, into);
    start = end;
  });
}

/** The rows of all coalitions: for each background row, bit p of the number says column p. */
function coalitionsOf(
  { x, background: { X }, players: { ofInput } }: Explained,
  games: readonly Int32Array[],
): Matrix {
  const { nColumns } = X;
  const nRows = games.reduce((sum, columns) => sum + 2 ** columns.length, 0);
  const values = new Float32Array(nRows * nColumns);
  let at = 0;
  games.forEach((columns, r) => {
    const bits = Int32Array.from(ofInput, (column) => {
      const place = columns.indexOf(column);
      return place < 0 ? 0 : 1 << place;
    });
    const b = rowOf(X, r);
    for (let coalition = 0; coalition < 2 ** columns.length; coalition++) {
      for (let j = 0; j < nColumns; j++) {
        values[at++] = (coalition & bits[j]!) === 0 ? b[j]! : x[j]!;
      }
    }
  });
  return { values, nRows, nColumns };
}

function addShares(
  worths: Float64Array,
  columns: Int32Array,
  weight: number,
  into: Float64Array,
): void {
  const m = columns.length;
  const shares = Float64Array.from({ length: m }, (_, size) => shareOfOrders(m, size));
  for (let coalition = 0; coalition < worths.length; coalition++) {
    const share = weight * shares[bitCount(coalition)]!;
    columns.forEach((column, p) => {
      if ((coalition & (1 << p)) !== 0) return;
      into[column]! += share * (worths[coalition | (1 << p)]! - worths[coalition]!);
    });
  }
}

/** size! (m − size − 1)! / m! */
function shareOfOrders(m: number, size: number): number {
  let binomial = 1;
  for (let i = 1; i <= size; i++) binomial = (binomial * (m - i)) / i;
  return 1 / (m * binomial);
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
