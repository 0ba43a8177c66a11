/** One mixture as operators: scores, the expert of the largest, and the recombined answer. */
import type { Mixture, Range } from "../mixture/index.ts";
import { expertGraph } from "./experts.ts";
import { gateGraph } from "./gate.ts";
import { doubles, type GraphBuilder, integers, type Value } from "./graph.ts";

/** Rows, and how a mixture routes them. */
export interface Routed {
  /** 32-bit, shape (rows, matrix columns). */
  readonly X: Value;
  /** 64-bit, shape (rows, experts); rows sum to 1. */
  readonly scores: Value;
  /** The expert of the largest score, the first of equal ones; 64-bit integer, shape (rows, 1). */
  readonly top: Value;
}

export function routeGraph(graph: GraphBuilder, { gate }: Mixture, X: Value): Routed {
  const scores = gate === null ? onesBeside(graph, X) : gateGraph(graph, gate, X);
  return { X, scores, top: graph.apply("ArgMax", [scores], { axis: 1 }) };
}

/** Shape (rows, 1). */
function onesBeside(graph: GraphBuilder, X: Value): Value {
  const nRows = graph.apply("Gather", [graph.apply("Shape", [X]), graph.constant(integers([0]))]);
  const shape = graph.apply("Concat", [nRows, graph.constant(integers([1]))], { axis: 0 });
  return graph.apply("ConstantOfShape", [shape], { value: doubles([1], [1]) });
}

/**
 * @param range - The range that clips answers of experts without a separate range.
 * @returns The mixture's answer in standardised units, 64-bit, shape (rows, 1).
 */
export function answerGraph(
  graph: GraphBuilder,
  { experts, ranges, recombination }: Mixture,
  { X, scores, top }: Routed,
  range: Range,
): Value {
  const clips = experts.map((_, k) => ranges?.[k] ?? range);
  const answers = experts.map((expert) => expertGraph(graph, expert, X));
  const joined = answers.length === 1 ? answers[0]! : graph.apply("Concat", answers, { axis: 1 });
  const row = (values: readonly number[]): Value => {
    return graph.constant(doubles(values, [1, values.length]));
  };
  const atLeast = graph.apply("Max", [joined, row(clips.map(({ least }) => least))]);
  const clipped = graph.apply("Min", [atLeast, row(clips.map(({ most }) => most))]);
  if (experts.length === 1) return clipped;
  if (recombination === "hard") {
    return graph.apply("GatherElements", [clipped, top], { axis: 1 });
  }
  const shares = graph.apply("Mul", [scores, clipped]);
  return graph.apply("ReduceSum", [shares, graph.constant(integers([1]))]);
}
