/**
 * A model as one ONNX file: preprocessing, gates and experts, from the user's columns to
 * predictions in the target's units.
 *
 * Inputs are columns, [rows, 1] each; outputs have the same names, types and shapes as on the
 * server: `prediction`, and for each member `expert` and `scores` (`m1.expert` and so on after the
 * first member).
 */
import { type Model, memberOutput, PREDICTION_OUTPUT, standardRange } from "../mixture/index.ts";
import { createGraph, doubles, type GraphBuilder, integers, type Value } from "./graph.ts";
import { answerGraph, routeGraph } from "./mixture.ts";
import { columnInputs, preprocessingGraph, ROWS } from "./preprocess.ts";
import { DOUBLE, encodeModel, INT32, type OnnxGraph, type OnnxValue } from "./proto.ts";
import { checkSize } from "./size.ts";

/** The versions of ONNX 1.12, which runtimes since 2022 support. */
const NUMBERS = { irVersion: 8, opsets: { "": 17, "ai.onnx.ml": 3 } } as const;
/** The versions of ONNX 1.15 (2023), the first that matches texts. */
const TEXTS = { irVersion: 9, opsets: { "": 20, "ai.onnx.ml": 3 } } as const;

export interface OnnxFacts {
  readonly digest: string;
  readonly packageVersion: string;
}

/**
 * The bytes of the file; the same model and facts give the same bytes.
 *
 * @throws INVALID_OPTION if the parameters take more than 1 GB.
 */
export function encodeOnnx(model: Model, { digest, packageVersion }: OnnxFacts): Uint8Array {
  checkSize(model);
  const target = model.preprocessing.target.name;
  const isTextual = model.preprocessing.features.some(({ type }) => type === "category");
  return encodeModel({
    ...(isTextual ? TEXTS : NUMBERS),
    producerVersion: packageVersion,
    doc: `Predicts ${JSON.stringify(target)} from columns of a table by a mixture of experts.`,
    graph: modelGraph(model),
    metadata: { format: "bailiwick/1", digest, target },
  });
}

function modelGraph(model: Model): OnnxGraph {
  const { preprocessing, members } = model;
  const { target } = preprocessing;
  const outputs = outputsOf(model);
  const inputs = columnInputs(preprocessing, outputs);
  const graph = createGraph(inputs, outputs);
  const scalar = (value: number): Value => graph.constant(doubles([value], []));
  const X = preprocessingGraph(graph, preprocessing, inputs);
  const range = standardRange(target);
  const answers: Value[] = [];
  members.forEach(({ mixture, weight }, m) => {
    graph.enter(`m${m}`);
    const routed = routeGraph(graph, mixture, X);
    const expert = flatten(graph, routed.top);
    graph.output(memberOutput("expert", m), graph.apply("Cast", [expert], { to: INT32 }));
    graph.output(memberOutput("scores", m), routed.scores);
    // A member without weight has regimes but predicts nothing.
    if (weight === 0) return;
    const answer = answerGraph(graph, mixture, routed, range);
    answers.push(graph.apply("Mul", [answer, scalar(weight)]));
  });
  graph.enter("target");
  const scaled = graph.apply("Mul", [graph.apply("Sum", answers), scalar(target.scale)]);
  const shifted = graph.apply("Add", [scaled, scalar(target.mean)]);
  const unscaled =
    target.transform === undefined
      ? shifted
      : graph.apply("Mul", [graph.apply("Exp", [shifted]), scalar(target.factor ?? 1)]);
  graph.output(PREDICTION_OUTPUT, flatten(graph, unscaled));
  return graph.finish("bailiwick");
}

function outputsOf({ preprocessing, members }: Model): readonly OnnxValue[] {
  const doc = `${JSON.stringify(preprocessing.target.name)} in its units`;
  return [
    { name: PREDICTION_OUTPUT, type: DOUBLE, shape: [ROWS], doc },
    ...members.flatMap(({ mixture: { experts } }, m): OnnxValue[] => [
      {
        name: memberOutput("expert", m),
        type: INT32,
        shape: [ROWS],
        doc: "the expert with the largest score",
      },
      {
        name: memberOutput("scores", m),
        type: DOUBLE,
        shape: [ROWS, experts.length],
        doc: "scores of all experts; they sum to 1",
      },
    ]),
  ];
}

/** From shape (rows, 1) to (rows,). */
function flatten(graph: GraphBuilder, value: Value): Value {
  return graph.apply("Squeeze", [value, graph.constant(integers([1]))]);
}
