/**
 * Experts as operators: from X, 32-bit, to answers of shape (rows, outputs).
 *
 * A net is computed in 32 bits, as by the engine. A ridge is computed in 64: its quadratic terms
 * are xᵀQx with Q upper triangular, so that no columns of products are needed.
 */
import { type Expert, layerOffsets, type Net, type RidgeExpert } from "../experts/index.ts";
import { gpGraph } from "./gp.ts";
import { doubles, floats, type GraphBuilder, integers, type Value } from "./graph.ts";
import { DOUBLE } from "./proto.ts";
import { treesGraph } from "./trees.ts";

/** An expert's answers in standardised units, 64-bit, shape (rows, 1), not clipped. */
export function expertGraph(graph: GraphBuilder, expert: Expert, X: Value): Value {
  if (expert.kind === "trees") return treesGraph(graph, expert, X);
  if (expert.kind === "ridge") return ridgeGraph(graph, expert, X);
  if (expert.kind === "gp") return gpGraph(graph, expert, graph.apply("Cast", [X], { to: DOUBLE }));
  return graph.apply("Cast", [netGraph(graph, expert.net, X)], { to: DOUBLE });
}

/** A net's outputs, 32-bit. */
export function netGraph(graph: GraphBuilder, net: Net, X: Value): Value {
  const layers = layerOffsets(net.sizes);
  return layers.reduce((value, { inputs, outputs, weights, biases }, l) => {
    const W = floats(net.parameters.subarray(weights, biases), [inputs, outputs]);
    const b = floats(net.parameters.subarray(biases, biases + outputs), [outputs]);
    const sums = graph.apply("Gemm", [value, graph.constant(W), graph.constant(b)]);
    return l === layers.length - 1 ? sums : activate(graph, net.activation, sums);
  }, X);
}

function activate(graph: GraphBuilder, activation: Net["activation"], sums: Value): Value {
  if (activation === "tanh") return graph.apply("Tanh", [sums]);
  if (activation === "relu") return graph.apply("Relu", [sums]);
  return graph.apply("Mul", [sums, graph.apply("Sigmoid", [sums])]);
}

function ridgeGraph(graph: GraphBuilder, expert: RidgeExpert, X: Value): Value {
  const { coefficients, nFeatures, degree } = expert;
  const x = graph.apply("Cast", [X], { to: DOUBLE });
  const intercept = graph.constant(doubles(coefficients.subarray(0, 1), [1]));
  const linear = coefficients.subarray(1, 1 + nFeatures);
  if (degree === 1) {
    return graph.apply("Gemm", [x, graph.constant(doubles(linear, [nFeatures, 1])), intercept]);
  }
  const Q = graph.constant(doubles(quadraticForm(expert), [nFeatures, nFeatures]));
  const slopes = graph.apply("Gemm", [x, Q, graph.constant(doubles(linear, [nFeatures]))]);
  const products = graph.apply("Mul", [slopes, x]);
  const sum = graph.apply("ReduceSum", [products, graph.constant(integers([1]))], { keepdims: 1 });
  return graph.apply("Add", [sum, intercept]);
}

/** Q[a, b] is the coefficient of x_a·x_b for a ≤ b, and 0 below. */
function quadraticForm({ coefficients, nFeatures: d }: RidgeExpert): Float64Array {
  const Q = new Float64Array(d * d);
  let t = 1 + d;
  for (let a = 0; a < d; a++) for (let b = a; b < d; b++) Q[a * d + b] = coefficients[t++]!;
  return Q;
}
