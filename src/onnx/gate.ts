/**
 * Gates as operators: from X to scores, 64-bit, shape (rows, experts); rows sum to 1.
 *
 * SVMs are made of plain operators, because the SVMClassifier of ai.onnx.ml computes in 32 bits and
 * has no refinements.
 */
import {
  countExperts,
  type EnsembleGate,
  type Gate,
  type SoftmaxGate,
  type SvmGate,
} from "../gate/index.ts";
import { couplingGraph, normalised } from "./coupling.ts";
import { netGraph } from "./experts.ts";
import { doubles, type GraphBuilder, integers, type Value } from "./graph.ts";
import { DOUBLE } from "./proto.ts";
import { treeGateGraph } from "./tree-gate.ts";

type SvmMachine = SvmGate["machines"][number];
type Refinement = NonNullable<SvmGate["refinements"]>[number];

/** Bounds of a pair's probability, as in src/gate/svm-scores.ts. */
const MIN_PAIR = 1e-7;

export function gateGraph(graph: GraphBuilder, gate: Gate, X: Value): Value {
  switch (gate.kind) {
    case "softmax":
      return softmaxGraph(graph, gate, X);
    case "ensemble":
      return ensembleGraph(graph, gate, X);
    case "tree":
      return treeGateGraph(graph, gate, X);
    case "svm":
      return svmGraph(graph, gate, X);
  }
}

function ensembleGraph(graph: GraphBuilder, gate: EnsembleGate, X: Value): Value {
  const { nets, features, temperature } = gate;
  const seen = graph.apply("Gather", [X, graph.constant(integers(features))], { axis: 1 });
  const outputs = nets.map((net) =>
    graph.apply("Cast", [netGraph(graph, net, seen)], { to: DOUBLE }),
  );
  const sum = outputs.reduce((total, output) => graph.apply("Add", [total, output]));
  const scale = graph.constant(doubles([1 / (nets.length * temperature)], []));
  return graph.apply("Softmax", [graph.apply("Mul", [sum, scale])], { axis: 1 });
}

function softmaxGraph(graph: GraphBuilder, { net, truncation }: SoftmaxGate, X: Value): Value {
  const outputs = graph.apply("Cast", [netGraph(graph, net, X)], { to: DOUBLE });
  if (truncation === undefined) return graph.apply("Softmax", [outputs], { axis: 1 });
  // ReduceMax takes its axes as attribute or as input, depending on the operators' version.
  const place = graph.apply("ArgMax", [outputs], { axis: 1 });
  const largest = graph.apply("GatherElements", [outputs, place], { axis: 1 });
  const shares = graph.apply("Exp", [graph.apply("Sub", [outputs, largest])]);
  const dropped = graph.apply("Less", [shares, graph.constant(doubles([truncation], []))]);
  const none = graph.constant(doubles([0], []));
  return normalised(graph, graph.apply("Where", [dropped, none, shares]));
}

function svmGraph(graph: GraphBuilder, gate: SvmGate, X: Value): Value {
  const x = graph.apply("Cast", [X], { to: DOUBLE });
  let nScores = gate.nExperts;
  let scores = coupledScores(graph, gate, x);
  for (const refinement of gate.refinements ?? []) {
    const nNext = Math.max(nScores, countExperts({ ...gate, refinements: [refinement] }));
    const parts = coupledScores(graph, refinement.gate, x);
    scores = refineGraph(graph, refinement, { scores, parts, nScores, nNext });
    nScores = nNext;
  }
  return scores;
}

/** Rows, 64-bit, and their ‖x‖², shape (rows, 1). */
interface Point {
  readonly x: Value;
  readonly squares: Value;
}

function pointOf(graph: GraphBuilder, x: Value): Point {
  const products = graph.apply("Mul", [x, x]);
  const squares = graph.apply("ReduceSum", [products, graph.constant(integers([1]))]);
  return { x, squares };
}

/** @param x - All inputs, 64-bit. */
function coupledScores(graph: GraphBuilder, gate: SvmGate, x: Value): Value {
  const decisions = decisionGraphs(graph, gate, x);
  const joined = graph.apply("Concat", decisions, { axis: 1 });
  const row = (pick: (machine: SvmMachine) => number): Value => {
    return graph.constant(doubles(gate.machines.map(pick), [1, gate.machines.length]));
  };
  const sloped = graph.apply("Mul", [joined, row(({ slope }) => -slope)]);
  const z = graph.apply("Add", [sloped, row(({ intercept }) => -intercept)]);
  const bounds = [MIN_PAIR, 1 - MIN_PAIR].map((bound) => graph.constant(doubles([bound], [])));
  const pairs = graph.apply("Clip", [graph.apply("Sigmoid", [z]), ...bounds]);
  return couplingGraph(graph, pairs, gate.nExperts);
}

/** The decision of every machine, each of shape (rows, 1). */
function decisionGraphs(graph: GraphBuilder, gate: SvmGate, x: Value): readonly Value[] {
  const { kernel = "rbf", features, nFeatures, gamma, machines } = gate;
  const places = features ?? [...Array(nFeatures).keys()];
  const pick = (columns: readonly number[]): Value => {
    return graph.apply("Gather", [x, graph.constant(integers(columns))], { axis: 1 });
  };
  const seen = features === undefined ? x : pick(places);
  if (kernel === "rbf") {
    const point = pointOf(graph, seen);
    return machines.map((machine) => decisionGraph(graph, machine, gamma, point));
  }
  if (kernel === "linear") return machines.map((machine) => termsGraph(graph, machine, seen));
  const pairs = places.flatMap((a, p) => places.slice(p).map((b) => [a, b] as const));
  const products = graph.apply("Mul", [pick(pairs.map(([a]) => a)), pick(pairs.map(([, b]) => b))]);
  const terms = graph.apply("Concat", [seen, products], { axis: 1 });
  return machines.map((machine) => termsGraph(graph, machine, terms));
}

/** decision(x) = Σᵢ coefficientsᵢ terms(x) · svᵢ − rho, shape (rows, 1). */
function termsGraph(
  graph: GraphBuilder,
  { supportVectors: { values, nRows, nColumns }, coefficients, rho }: SvmMachine,
  terms: Value,
): Value {
  const weights = new Float64Array(nColumns);
  for (let s = 0; s < nRows; s++) {
    for (let t = 0; t < nColumns; t++) weights[t]! += coefficients[s]! * values[s * nColumns + t]!;
  }
  return graph.apply("Gemm", [
    terms,
    graph.constant(doubles(weights, [nColumns, 1])),
    graph.constant(doubles([-rho], [1])),
  ]);
}

/** decision(x) = Σᵢ coefficientsᵢ exp(−gamma‖x − svᵢ‖²) − rho, shape (rows, 1). */
function decisionGraph(
  graph: GraphBuilder,
  { supportVectors, coefficients, rho }: SvmMachine,
  gamma: number,
  { x, squares }: Point,
): Value {
  const { values, nRows, nColumns } = supportVectors;
  // A machine without support vectors gets one without effect, so that no tensor is empty.
  const n = Math.max(1, nRows);
  const twice = new Float64Array(nColumns * n);
  const norms = new Float64Array(n);
  for (let s = 0; s < nRows; s++) {
    for (let j = 0; j < nColumns; j++) {
      const value = values[s * nColumns + j]!;
      twice[j * n + s] = -2 * value;
      norms[s]! += value * value;
    }
  }
  const alphas = new Float64Array(n);
  alphas.set(coefficients);
  const products = graph.apply("Gemm", [
    x,
    graph.constant(doubles(twice, [nColumns, n])),
    graph.constant(doubles(norms, [n])),
  ]);
  const distances = graph.apply("Add", [products, squares]);
  const kernel = graph.apply("Exp", [
    graph.apply("Mul", [distances, graph.constant(doubles([-gamma], []))]),
  ]);
  return graph.apply("Gemm", [
    kernel,
    graph.constant(doubles(alphas, [n, 1])),
    graph.constant(doubles([-rho], [1])),
  ]);
}

interface Refined {
  readonly scores: Value;
  /** The division of the refined experts' total score, shape (rows, experts). */
  readonly parts: Value;
  readonly nScores: number;
  readonly nNext: number;
}

/** Matrices of ones and zeros select the divided experts, keep all others, and merge both. */
function refineGraph(
  graph: GraphBuilder,
  { experts }: Refinement,
  { scores, parts, nScores, nNext }: Refined,
): Value {
  const product = (value: Value, nRows: number, nColumns: number, is: IsOne): Value => {
    const ones = Array.from({ length: nRows * nColumns }, (_, at) => {
      return Number(is(Math.floor(at / nColumns), at % nColumns));
    });
    return graph.apply("MatMul", [value, graph.constant(doubles(ones, [nRows, nColumns]))]);
  };
  const total = product(scores, nScores, 1, (k) => experts.includes(k));
  const kept = product(scores, nScores, nNext, (k, to) => k === to && !experts.includes(k));
  const divided = graph.apply("Mul", [total, parts]);
  const placed = product(divided, experts.length, nNext, (place, to) => experts[place] === to);
  return graph.apply("Add", [kept, placed]);
}

type IsOne = (row: number, column: number) => boolean;
