/**
 * Couples the probabilities of pairs to scores of all experts, as operators without a loop.
 *
 * Coupled scores are the p that minimises pᵀQp and sums to 1 (Wu, Lin & Weng 2004, the second
 * method), solved as in src/gate: adding 1 to every entry of Q does not change the p that sums to
 * 1, and makes the matrix positive definite. So p is (Q + 11ᵀ)⁻¹1 over its sum, and elimination
 * needs no pivoting. All rows of the table are solved at once.
 */
import { doubles, type GraphBuilder, integers, type Value } from "./graph.ts";

/**
 * @param pairs - P(first | first or second), 64-bit, shape (rows, pairs), the pairs first < second
 *   in lexicographic order.
 * @returns 64-bit, shape (rows, n); rows sum to 1.
 */
export function couplingGraph(graph: GraphBuilder, pairs: Value, n: number): Value {
  const one = graph.constant(doubles([1], []));
  const zero = graph.apply("Mul", [
    graph.apply("Gather", [pairs, graph.constant(integers([0]))], { axis: 1 }),
    graph.constant(doubles([0], [])),
  ]);
  const others = graph.apply("Sub", [one, pairs]);
  const all = graph.apply("Concat", [pairs, others, zero], { axis: 1 });
  const places = pairPlaces(n);
  const gather = (indices: readonly number[]): Value => {
    return graph.apply("Gather", [all, graph.constant(integers(indices, [n, n + 1]))], { axis: 1 });
  };
  const R = gather(places);
  const T = gather(transposed(places, n));
  const squares = graph.apply("ReduceSum", [
    graph.apply("Mul", [T, T]),
    graph.constant(integers([2])),
  ]);
  const diagonal = graph.apply("Mul", [squares, graph.constant(doubles(unit(n), [1, n, n + 1]))]);
  const beside = graph.apply("Sub", [one, graph.apply("Mul", [R, T])]);
  const system = graph.apply("Add", [beside, diagonal]);
  return normalised(graph, eliminate(graph, system, n));
}

/**
 * The index in `[pairs, 1 − pairs, 0]` of P(a | a or b), for every a and b, shape (n, n + 1); the
 * diagonal and the last column, the system's right-hand side, point to 0.
 */
function pairPlaces(n: number): readonly number[] {
  const nPairs = (n * (n - 1)) / 2;
  const places = Array.from({ length: n * (n + 1) }, () => 2 * nPairs);
  let pair = 0;
  for (let a = 0; a < n; a++) {
    for (let b = a + 1; b < n; b++, pair++) {
      places[a * (n + 1) + b] = pair;
      places[b * (n + 1) + a] = nPairs + pair;
    }
  }
  return places;
}

/** The square part transposed, the last column as it is. */
function transposed(places: readonly number[], n: number): readonly number[] {
  return places.map((place, at) => {
    const [a, b] = [Math.floor(at / (n + 1)), at % (n + 1)];
    return b === n ? place : places[b * (n + 1) + a]!;
  });
}

function unit(n: number): readonly number[] {
  return Array.from({ length: n * (n + 1) }, (_, at) => (at % (n + 2) === 0 ? 1 : 0));
}

/** Gauss-Jordan: the solutions of systems of shape (rows, n, n + 1). Shape (rows, n). */
function eliminate(graph: GraphBuilder, system: Value, n: number): Value {
  const pick = (value: Value, at: number, axis: number): Value => {
    return graph.apply("Gather", [value, graph.constant(integers([at]))], { axis });
  };
  let left = system;
  for (let a = 0; a < n; a++) {
    const row = pick(left, a, 1);
    const reduced = graph.apply("Div", [row, pick(row, a, 2)]);
    const unit = Array.from({ length: n }, (_, b) => (b === a ? 1 : 0));
    const factors = graph.apply("Sub", [
      pick(left, a, 2),
      graph.constant(doubles(unit, [1, n, 1])),
    ]);
    left = graph.apply("Sub", [left, graph.apply("Mul", [factors, reduced])]);
  }
  return graph.apply("Gather", [left, graph.constant(integers([n], []))], { axis: 2 });
}

/** Divides rows by their sums. Shape as given, (rows, n). */
export function normalised(graph: GraphBuilder, values: Value): Value {
  const total = graph.apply("ReduceSum", [values, graph.constant(integers([1]))]);
  return graph.apply("Div", [values, total]);
}
