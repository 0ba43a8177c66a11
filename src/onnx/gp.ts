/**
 * A Gaussian process as operators, in 64 bits.
 *
 * Distances to all centres come from one product of matrices, ‖x‖² + ‖z‖² − 2 x·z, over inputs that
 * are divided by their lengths; the linear covariance, summed over centres, is one vector.
 */
import type { GpExpert } from "../experts/index.ts";
import { doubles, type GraphBuilder, integers, type Value } from "./graph.ts";

/** @param x - 64-bit, shape (rows, inputs). @returns shape (rows, 1). */
export function gpGraph(
  graph: GraphBuilder,
  { kernel, centres, weights }: GpExpert,
  x: Value,
): Value {
  const { nRows: m, nColumns: d } = centres;
  const { lengths, signal, linear } = kernel;
  const Z = Float64Array.from(centres.values, (value, at) => value / lengths[at % d]!);
  const scalar = (value: number): Value => graph.constant(doubles([value], []));
  const scaled = graph.apply("Div", [x, graph.constant(doubles(lengths, [1, d]))]);
  const a = graph.apply("Mul", [distances(graph, scaled, Z, [m, d]), scalar(Math.sqrt(5))]);
  const square = graph.apply("Mul", [graph.apply("Mul", [a, a]), scalar(1 / 3)]);
  const polynomial = graph.apply("Sum", [a, square, scalar(1)]);
  const fading = graph.apply("Exp", [graph.apply("Neg", [a])]);
  const matern = graph.apply("Mul", [polynomial, fading]);
  const weightColumn = graph.constant(
    doubles(
      weights.map((weight) => weight * signal ** 2),
      [m, 1],
    ),
  );
  const slopes = new Float64Array(d);
  centres.values.forEach((value, at) => {
    slopes[at % d]! += (weights[Math.floor(at / d)]! * value * linear ** 2) / d;
  });
  const curved = graph.apply("MatMul", [matern, weightColumn]);
  const straight = graph.apply("MatMul", [x, graph.constant(doubles(slopes, [d, 1]))]);
  return graph.apply("Add", [curved, straight]);
}

/** The squared distance of every row of x to every row of Z. Shape (rows, m). */
function distances(
  graph: GraphBuilder,
  x: Value,
  Z: Float64Array,
  [m, d]: readonly [number, number],
): Value {
  const norms = new Float64Array(m);
  const transposed = new Float64Array(Z.length);
  Z.forEach((value, at) => {
    const [c, j] = [Math.floor(at / d), at % d];
    norms[c]! += value ** 2;
    transposed[j * m + c] = -2 * value;
  });
  const axis = graph.constant(integers([1]));
  const squaredNorms = graph.apply("ReduceSum", [graph.apply("Mul", [x, x]), axis], {
    keepdims: 1,
  });
  const products = graph.apply("MatMul", [x, graph.constant(doubles(transposed, [d, m]))]);
  const squares = graph.apply("Sum", [
    squaredNorms,
    products,
    graph.constant(doubles(norms, [1, m])),
  ]);
  return graph.apply("Sqrt", [graph.apply("Max", [squares, graph.constant(doubles([0], []))])]);
}
