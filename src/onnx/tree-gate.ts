/**
 * A tree gate as operators, all cuts at once: from X to scores, 64-bit, shape (rows, experts).
 *
 * A cut's distribution function is a sum over the segments between its knots: slope · the length of
 * the segment below the value. A leaf's probability is the product along its path.
 */
import type { TreeCut, TreeGate } from "../gate/index.ts";
import { doubles, type GraphBuilder, integers, type Value } from "./graph.ts";
import { DOUBLE } from "./proto.ts";

export function treeGateGraph(graph: GraphBuilder, gate: TreeGate, X: Value): Value {
  const cuts = gate.nodes.filter((node) => "feature" in node);
  if (cuts.length === 0) return oneExpert(graph, gate, X);
  const leaves = listLeaves(gate, cuts);
  const shares = leafShares(graph, leaves, sideShares(graph, cuts, X));
  const { nExperts } = gate;
  const isOf = new Float64Array(leaves.length * nExperts);
  leaves.forEach(({ expert }, at) => {
    isOf[at * nExperts + expert] = 1;
  });
  return graph.apply("MatMul", [shares, graph.constant(doubles(isOf, [leaves.length, nExperts]))]);
}

/** The same scores for every row: 1 for the only leaf's expert. */
function oneExpert(graph: GraphBuilder, { nodes, nExperts }: TreeGate, X: Value): Value {
  const scores = new Float64Array(nExperts);
  for (const node of nodes) if (!("feature" in node)) scores[node.expert] = 1;
  const column = graph.apply("Gather", [X, graph.constant(integers([0]))], { axis: 1 });
  const nothing = graph.apply("Mul", [
    graph.apply("Cast", [column], { to: DOUBLE }),
    graph.constant(doubles([0], [])),
  ]);
  return graph.apply("Add", [nothing, graph.constant(doubles(scores, [1, nExperts]))]);
}

/**
 * The probability of each side of each cut, shape (rows, 2 nCuts + 1): right of the cuts, left of
 * the cuts, and 1 for no cut at all.
 */
function sideShares(graph: GraphBuilder, cuts: readonly TreeCut[], X: Value): Value {
  const segments = cuts.flatMap((cut, c) =>
    segmentsOf(cut).map((segment) => ({ ...segment, cut: c })),
  );
  const row = (pick: (segment: (typeof segments)[number]) => number): Value => {
    return graph.constant(doubles(segments.map(pick), [1, segments.length]));
  };
  const features = segments.map(({ cut }) => cuts[cut]!.feature);
  const picked = graph.apply("Gather", [X, graph.constant(integers(features))], { axis: 1 });
  const values = graph.apply("Cast", [picked], { to: DOUBLE });
  const beyond = graph.apply("Sub", [values, row(({ from }) => from)]);
  const zero = graph.constant(doubles([0], []));
  const inside = graph.apply("Min", [
    graph.apply("Max", [beyond, zero]),
    row(({ width }) => width),
  ]);
  const parts = graph.apply("Mul", [inside, row(({ slope }) => slope)]);
  const isOf = new Float64Array(segments.length * cuts.length);
  segments.forEach(({ cut }, s) => {
    isOf[s * cuts.length + cut] = 1;
  });
  const sums = graph.constant(doubles(isOf, [segments.length, cuts.length]));
  const right = graph.apply("MatMul", [parts, sums]);
  const one = graph.constant(doubles([1], []));
  const left = graph.apply("Sub", [one, right]);
  const first = graph.apply("Gather", [right, graph.constant(integers([0]))], { axis: 1 });
  const whole = graph.apply("Add", [graph.apply("Mul", [first, zero]), one]);
  return graph.apply("Concat", [right, left, whole], { axis: 1 });
}

interface Segment {
  readonly from: number;
  readonly width: number;
  readonly slope: number;
}

function segmentsOf({ values, below }: TreeCut): readonly Segment[] {
  return Array.from({ length: values.length - 1 }, (_, q) => {
    const width = values[q + 1]! - values[q]!;
    return { from: values[q]!, width, slope: (below[q + 1]! - below[q]!) / width };
  });
}

/** A leaf and the sides that lead to it, as positions in `sideShares`. */
interface LeafPath {
  readonly expert: number;
  readonly path: readonly number[];
}

function listLeaves({ nodes }: TreeGate, cuts: readonly TreeCut[]): readonly LeafPath[] {
  const paths = new Map<number, readonly number[]>([[0, []]]);
  return nodes.flatMap((node, at) => {
    const path = paths.get(at)!;
    if (!("feature" in node)) return [{ expert: node.expert, path }];
    const c = cuts.indexOf(node);
    paths.set(node.right, [...path, c]);
    paths.set(node.left, [...path, cuts.length + c]);
    return [];
  });
}

/** Products along the paths, level by level; a path that has ended continues with ones. */
function leafShares(graph: GraphBuilder, leaves: readonly LeafPath[], sides: Value): Value {
  const depth = Math.max(...leaves.map(({ path }) => path.length));
  const nSides = 2 * (leaves.length - 1);
  const level = (l: number): Value => {
    const places = leaves.map(({ path }) => path[l] ?? nSides);
    return graph.apply("Gather", [sides, graph.constant(integers(places))], { axis: 1 });
  };
  return Array.from({ length: depth }, (_, l) => level(l)).reduce((product, factor) =>
    graph.apply("Mul", [product, factor]),
  );
}
