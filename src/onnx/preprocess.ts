/**
 * Preprocessing as operators: from one input a column to the matrix X that gates and experts see.
 *
 * All numeric columns are standardised together, in 64 bits as by the engine. Columns of one kind
 * lie side by side; the last step sorts them into the matrix's order.
 */
import {
  type CategoryFeature,
  CLIP,
  featureWidth,
  givenFeatures,
  type LevelEffects,
  levelsOf,
  type NumberFeature,
  type Preprocessing,
} from "../data/index.ts";
import { doubles, floats, type GraphBuilder, integers, nameClaims, type Value } from "./graph.ts";
import { levelPatterns } from "./level-patterns.ts";
import { DOUBLE, FLOAT, type OnnxValue, STRING } from "./proto.ts";
import { ranksGraph } from "./ranks.ts";

/** Any number of rows. */
export const ROWS = "rows";

/**
 * One input per given feature, in their order and with their names; a column with an
 * output's name, or without a name, gets a number appended.
 */
export function columnInputs(
  { features }: Preprocessing,
  outputs: readonly OnnxValue[],
): readonly OnnxValue[] {
  const reserved = outputs.map(({ name }) => name);
  const given = givenFeatures(features);
  const claim = nameClaims([...given.map(({ name }) => name), ...reserved]);
  return given.map(({ name, type }) => ({
    name: name === "" || reserved.includes(name) ? claim(name) : name,
    type: type === "number" ? DOUBLE : STRING,
    shape: [ROWS, 1],
    doc: `column ${JSON.stringify(name)}, ${type === "number" ? "NaN" : '""'} where missing`,
  }));
}

interface Placed<Feature> {
  readonly feature: Feature;
  readonly input: Value;
  /** The first of its columns of X. */
  readonly offset: number;
}

/** X, 32-bit, shape (rows, matrix columns). */
export function preprocessingGraph(
  graph: GraphBuilder,
  { features }: Preprocessing,
  inputs: readonly OnnxValue[],
): Value {
  graph.enter("preprocessing");
  const numbers: Placed<NumberFeature>[] = [];
  const categories: Placed<CategoryFeature>[] = [];
  let offset = 0;
  const given = givenFeatures(features).map(({ name }) => name);
  const inputOf = (name: string): Value => inputs[given.indexOf(name)]!.name;
  features.forEach((feature) => {
    const effects = levelsOf(feature);
    const input =
      effects === undefined
        ? inputOf(feature.name)
        : effectsGraph(graph, inputOf(effects.column), effects);
    if (feature.type === "category") categories.push({ feature, input, offset });
    else numbers.push({ feature, input, offset });
    offset += featureWidth(feature);
  });
  const blocks = [
    ...(numbers.length === 0 ? [] : numberBlocks(graph, numbers)),
    ...categories.map((category) => levelBlock(graph, category)),
  ];
  return arrange(graph, blocks);
}

/** The effect of each cell's level, where it is spelled as in the bundle; else 0. */
function effectsGraph(graph: GraphBuilder, input: Value, { levels, effects }: LevelEffects): Value {
  const found = graph.applyMl("LabelEncoder", [input], {
    keys_strings: levels.length === 0 ? [""] : levels,
    values_floats: Float32Array.from(levels.length === 0 ? [0] : effects),
  });
  return graph.apply("Cast", [found], { to: DOUBLE });
}

/** Values side by side, with their columns of X. */
interface Block {
  readonly value: Value;
  readonly columns: readonly number[];
}

/** A constant with one number for each feature. */
type RowOf = (pick: (feature: NumberFeature) => number) => Value;

/** The standardised values, and the indicators of features that have one. */
function numberBlocks(
  graph: GraphBuilder,
  numbers: readonly Placed<NumberFeature>[],
): readonly Block[] {
  const features = numbers.map(({ feature }) => feature);
  const row: RowOf = (pick) => graph.constant(doubles(features.map(pick), [1, features.length]));
  const cells = graph.apply(
    "Concat",
    numbers.map(({ input }) => input),
    { axis: 1 },
  );
  const missing = missingCells(graph, features, cells, row);
  const filled = graph.apply("Where", [missing, row(({ median }) => median), cells]);
  const centred = graph.apply("Sub", [filled, row(({ mean }) => mean)]);
  // A feature that was constant in training is 0 for every cell.
  const scales = row(({ scale, constant }) => (constant ? Number.POSITIVE_INFINITY : scale));
  const standard = graph.apply("Div", [centred, scales]);
  const bounds = [-CLIP, CLIP].map((bound) => graph.constant(doubles([bound], [])));
  const clipped = graph.apply("Clip", [standard, ...bounds]);
  const bounded = addTails(graph, features, { standard, clipped }, row);
  const values = valueBlocks(graph, numbers, { filled, bounded });
  const flagged = numbers.flatMap(({ feature }, n) => (feature.indicator ? [n] : []));
  if (flagged.length === 0) return values;
  const indicators = graph.apply("Gather", [missing, graph.constant(integers(flagged))], {
    axis: 1,
  });
  const columns = flagged.map((n) => numbers[n]!.offset + 1);
  return [...values, { value: graph.apply("Cast", [indicators], { to: FLOAT }), columns }];
}

/** The values in standard units together, and each column that is mapped by ranks. */
function valueBlocks(
  graph: GraphBuilder,
  numbers: readonly Placed<NumberFeature>[],
  { filled, bounded }: { readonly filled: Value; readonly bounded: Value },
): readonly Block[] {
  const pick = (from: Value, places: readonly number[]): Value => {
    return graph.apply("Gather", [from, graph.constant(integers(places))], { axis: 1 });
  };
  const block = (value: Value, places: readonly number[]): Block => ({
    value: graph.apply("Cast", [value], { to: FLOAT }),
    columns: places.map((n) => numbers[n]!.offset),
  });
  const places = [...numbers.keys()];
  const ranked = places.filter((n) => numbers[n]!.feature.knots !== undefined);
  if (ranked.length === 0) return [block(bounded, places)];
  const others = places.filter((n) => !ranked.includes(n));
  const blocks = others.length === 0 ? [] : [block(pick(bounded, others), others)];
  const mapped = ranked.map((n) => {
    const { knots = [], scale } = numbers[n]!.feature;
    return block(ranksGraph(graph, { knots, scale }, pick(filled, [n])), [n]);
  });
  return [...blocks, ...mapped];
}

/** Where a cell is NaN or one of its feature's codes. */
function missingCells(
  graph: GraphBuilder,
  features: readonly NumberFeature[],
  cells: Value,
  row: RowOf,
): Value {
  const nCodes = Math.max(0, ...features.map(({ codes = [] }) => codes.length));
  let missing = graph.apply("IsNaN", [cells]);
  for (let c = 0; c < nCodes; c++) {
    // NaN, which equals nothing, replaces a code that a feature does not have.
    const code = row(({ codes = [] }) => codes[c] ?? Number.NaN);
    missing = graph.apply("Or", [missing, graph.apply("Equal", [cells, code])]);
  }
  return missing;
}

/** Clipped values and, for features with heavy tails, what is beyond: ±(6 − 36 / |z|). */
function addTails(
  graph: GraphBuilder,
  features: readonly NumberFeature[],
  { standard, clipped }: { readonly standard: Value; readonly clipped: Value },
  row: RowOf,
): Value {
  if (features.every(({ tails }) => tails === undefined)) return clipped;
  const constant = (value: number): Value => graph.constant(doubles([value], []));
  const size = graph.apply("Max", [graph.apply("Abs", [standard]), constant(CLIP)]);
  const rest = graph.apply("Div", [constant(CLIP ** 2), size]);
  const beyond = graph.apply("Sub", [constant(CLIP), rest]);
  const signed = graph.apply("Mul", [graph.apply("Sign", [standard]), beyond]);
  const tailPart = graph.apply("Mul", [signed, row(({ tails }) => (tails === undefined ? 0 : 1))]);
  return graph.apply("Add", [clipped, tailPart]);
}

/** One column per level, and a last one that is 1 if all others are 0. */
function levelBlock(
  graph: GraphBuilder,
  { feature, input, offset }: Placed<CategoryFeature>,
): Block {
  const { levels, constant, closed } = feature;
  const columns = Array.from({ length: levels.length + 1 }, (_, l) => offset + l);
  if (constant !== undefined || levels.length === 0) {
    return { value: firstColumn(graph, input, columns.length), columns };
  }
  const hits = levelPatterns(levels).map((pattern) => {
    const isHit = graph.apply("RegexFullMatch", [input], { pattern });
    return graph.apply("Cast", [isHit], { to: FLOAT });
  });
  const sum = hits.length === 1 ? hits[0]! : graph.apply("Sum", hits);
  // A cell of a closed category sets only the column of its level.
  const most = graph.constant(floats([closed === true ? 0 : 1], []));
  const other = graph.apply("Relu", [graph.apply("Sub", [most, sum])]);
  return { value: graph.apply("Concat", [...hits, other], { axis: 1 }), columns };
}

/** 1 in the first column and 0 in the others, for every cell. */
function firstColumn(graph: GraphBuilder, input: Value, nColumns: number): Value {
  const place = graph.applyMl("LabelEncoder", [input], {
    // The operator needs a key.
    keys_strings: [""],
    values_int64s: [0],
    default_int64: 0,
  });
  const flat = graph.apply("Reshape", [place, graph.constant(integers([-1]))]);
  const depth = graph.constant(integers([nColumns], []));
  const ends = graph.constant({ shape: [2], values: Float32Array.of(0, 1) });
  return graph.apply("OneHot", [flat, depth, ends]);
}

/** Blocks side by side, in the order of X. */
function arrange(graph: GraphBuilder, blocks: readonly Block[]): Value {
  const joined =
    blocks.length === 1
      ? blocks[0]!.value
      : graph.apply(
          "Concat",
          blocks.map(({ value }) => value),
          { axis: 1 },
        );
  const columns = blocks.flatMap((block) => block.columns);
  const order = columns.map((_, column) => columns.indexOf(column));
  if (order.every((from, to) => from === to)) return joined;
  return graph.apply("Gather", [joined, graph.constant(integers(order))], { axis: 1 });
}
