/**
 * Goal: a fitted model is explained as a whole: cards, thresholds and novelty fit the rows.
 * Method: a model by hand whose gate is known (expert 1 where x1 is above 0), and real fits of
 * few steps on sets with known regimes.
 */
import { describe, expect, test } from "vitest";
import {
  applyPreprocessing,
  type Column,
  fitPreprocessing,
  generate,
  type Table,
} from "../../src/data/index.ts";
import { createReferenceEngine, createWasmEngine, type Net } from "../../src/experts/index.ts";
import {
  createNovelty,
  type Explanation,
  explain,
  explainFit,
  explainRows,
  ruleInWords,
} from "../../src/explain/index.ts";
import {
  createInlineExecutor,
  DEFAULT_FIT,
  fitModel,
  type Model,
  predictMatrix,
} from "../../src/mixture/index.ts";
import { silent } from "../../src/shared/progress.ts";
import { createRng } from "../../src/shared/rng.ts";

const engine = createReferenceEngine();
const rng = createRng(2);
const n = 800;
const residuals = { nSamples: 9, meanError: 0, meanSquaredError: 4, meanFourthPower: 48 };

function numbers(name: string, draw: (i: number) => number): Column {
  return { type: "number", name, values: Float64Array.from({ length: n }, (_, i) => draw(i)) };
}

/** As in the two-planes data: x1 is −1 or 1 and decides, others are −1, 0 or 1. */
const PLANES: Table = {
  nRows: n,
  columns: [
    numbers("x1", () => 2 * rng.int(2) - 1),
    ...["x2", "x3", "x4"].map((name) => numbers(name, () => rng.int(3) - 1)),
  ],
};
const y = Float64Array.from({ length: n }, (_, i) => {
  const [x1, x2, x3] = PLANES.columns.map(({ values }) => Number(values[i]));
  return x1! > 0 ? 3 + 3 * x2! : -3 + 3 * x3!;
});

/** Expert 0 answers −3 + 3·x3, expert 1 answers 3 + 3·x2; the gate looks at x1 alone. */
function planesModel(): Model {
  const rows = Int32Array.from(y.keys());
  const preprocessing = fitPreprocessing(PLANES, y, rows, "y");
  const { mean, scale } = preprocessing.target;
  const plane = (intercept: number, slopes: readonly number[]) => ({
    kind: "ridge" as const,
    degree: 1 as const,
    nFeatures: 4,
    penalty: 0,
    coefficients: Float64Array.from([
      (intercept - mean) / scale + dot(slopes, (f) => f.mean / scale),
      ...preprocessing.features.map((f, j) =>
        f.type === "number" ? (slopes[j]! * f.scale) / scale : 0,
      ),
    ]),
  });
  const dot = (slopes: readonly number[], of: (f: { mean: number }) => number): number =>
    preprocessing.features.reduce(
      (sum, f, j) => sum + (f.type === "number" ? slopes[j]! * of(f) : 0),
      0,
    );
  const gate: Net = {
    sizes: [4, 2],
    activation: "tanh",
    parameters: Float32Array.from([-5, 5, 0, 0, 0, 0, 0, 0, 0, 0]),
  };
  const experts = [plane(-3, [0, 0, 3, 0]), plane(3, [0, 3, 0, 0])];
  const mixture = {
    experts,
    gate: { kind: "softmax" as const, net: gate },
    recombination: "hard" as const,
  };
  return { preprocessing, members: [{ weight: 1, mixture }] };
}

const reports = [[0.5, 0.5].map((share) => ({ share, residuals }))];

describe("two planes", () => {
  const model = planesModel();
  const explanation = explain(engine, model, { features: PLANES, y, experts: reports });
  const cards = explanation.members[0]!.experts.map(({ card }) => card);

  test("the rule names x1 and its threshold, whole and pure", () => {
    expect(cards.map(ruleInWords)).toEqual(["x1 < 0", "x1 ≥ 0"]);
    for (const { rule } of cards) expect([rule!.purity, rule!.coverage]).toEqual([1, 1]);
  });

  test("each expert's main effect is its own column's, in units", () => {
    const effects = cards.map((card) => card.effects);
    expect(effects.map((own) => own.map(({ feature }) => feature))).toEqual([["x3"], ["x2"]]);
    expect(effects[0]![0]!.values).toEqual([-1, 0, 1]);
    expect(effects[0]![0]!.answers.map((answer) => Number(answer.toFixed(3)))).toEqual([-6, -3, 0]);
    expect(effects[1]![0]!.answers.map((answer) => Number(answer.toFixed(3)))).toEqual([0, 3, 6]);
  });

  test("sizes add up, errors are the report's, nothing is near a boundary", () => {
    expect(cards[0]!.nRows + cards[1]!.nRows).toBe(n);
    expect(cards[0]!.residuals).toEqual(residuals);
    expect(cards.map(({ boundaryShare }) => boundaryShare)).toEqual([0, 0]);
  });

  test("the same rows give the same explanation, and it is JSON but for the arrays", () => {
    expect(explain(engine, model, { features: PLANES, y, experts: reports })).toEqual(explanation);
    expect(JSON.parse(JSON.stringify(cards))).toEqual(cards);
  });

  test("without targets there are cards and thresholds too", () => {
    const blind = explain(engine, model, { features: PLANES, y: null, experts: reports });
    expect(blind.members[0]!.boundaryMargin).toBe(0.5);
    expect(ruleInWords(blind.members[0]!.experts[0]!.card)).toBe("x1 < 0");
  });

  test("rows between the planes are near the boundary and strange", () => {
    const between: Table = {
      nRows: 2,
      columns: ["x1", "x2", "x3", "x4"].map((name) => ({
        type: "number",
        name,
        values: Float64Array.of(name === "x1" ? 0.02 : 1, 1),
      })),
    };
    const X = applyPreprocessing(model.preprocessing, between);
    const [notes] = explainRows(explanation, X, predictMatrix(engine, model, X).routes);
    expect([...notes!.nearBoundary]).toEqual([1, 0]);
    expect(notes!.novelty[0]).toBeGreaterThan(1);
    expect(notes!.novelty[1]).toBeLessThan(1);
    const scorers = createNovelty(explanation);
    expect(scorers[0]![1]!(X.values, 4)).toBe(notes!.novelty[1]);
  });

  test("a model of one expert is described as all rows", () => {
    const [member] = model.members;
    const { experts } = member!.mixture;
    const single = { experts: [experts[0]!], gate: null, recombination: "smooth" as const };
    const alone = explain(
      engine,
      { ...model, members: [{ weight: 1, mixture: single }] },
      { features: PLANES, y, experts: [[{ share: 1, residuals }]] },
    );
    const [{ card }] = alone.members[0]!.experts as [Explanation["members"][0]["experts"][0]];
    expect(card.rule).toBeNull();
    expect(ruleInWords(card)).toBe("all rows");
  });
});

test("of a real fit, rules name the column that decides, and few fresh rows are novel", async () => {
  const executor = createInlineExecutor(await createWasmEngine({ threads: 1 }));
  const tuning = { steps: [1500], extendTo: 1500, learningRates: [0.01], weightDecays: [0.003] };
  const options = { ...DEFAULT_FIT, tuning, candidates: [2], experts: 2 };
  const table = (seed: number) => {
    const { table: whole } = generate("hysteresis", { nRows: 1200, seed });
    const columns = whole.columns.slice(0, -1);
    const target = whole.columns.at(-1)!.values as Float64Array;
    return { features: { nRows: 1200, columns }, targetName: "y", y: target, groups: null };
  };
  const known = table(1);
  const fitted = await fitModel(known, options, executor, silent);
  const explanation = explainFit(executor.engine, fitted, known);
  const cards = explanation.members[0]!.experts.map(({ card }) => card);
  expect(cards.every((card) => ruleInWords(card).includes("drive"))).toBe(true);
  expect(cards.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);

  const X = applyPreprocessing(fitted.model.preprocessing, table(2).features);
  const { routes } = predictMatrix(executor.engine, fitted.model, X);
  const [notes] = explainRows(explanation, X, routes);
  const novel = notes!.novelty.filter((novelty) => novelty > 1).length;
  expect(novel / X.nRows).toBeLessThan(0.03);
  await executor.close();
});
