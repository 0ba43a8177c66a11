/**
 * Goal: what a report draws of a model is what the model says, and the two features it draws of
 * many are those that separate regimes.
 * Method: models by hand whose gates are known, and tables whose regimes are known.
 */
import { describe, expect, test } from "vitest";
import {
  type Column,
  fitPreprocessing,
  generate,
  type Preprocessing,
  type Table,
} from "../../../src/data/index.ts";
import { createReferenceEngine } from "../../../src/experts/index.ts";
import type { Model } from "../../../src/mixture/index.ts";
import type { MappedRows } from "../../../src/reports/facts/regime-map.ts";
import { mapRegimes } from "../../../src/reports/facts/regime-map.ts";
import { separatingPair } from "../../../src/reports/facts/separating-pair.ts";
import { createRng } from "../../../src/shared/rng.ts";

const engine = createReferenceEngine();
const rng = createRng(3);
const n = 400;

function numbers(name: string, draw: (i: number) => number, nRows = n): Column {
  return { type: "number", name, values: Float64Array.from({ length: nRows }, (_, i) => draw(i)) };
}

function words(name: string, draw: (i: number) => string | null, nRows = n): Column {
  return { type: "category", name, values: Array.from({ length: nRows }, (_, i) => draw(i)) };
}

const uniform = (): number => 4 * rng.uniform() - 2;

/**
 * Two experts that answer −1 and 1 standard deviations; the gate prefers expert 1 where
 * Σ weights · inputs > 0, one weight a column of the preprocessed matrix.
 */
function gatedModel(preprocessing: Preprocessing, weights: readonly number[], bias = 0): Model {
  const nFeatures = weights.length;
  const constant = (answer: number) => ({
    kind: "ridge" as const,
    degree: 1 as const,
    nFeatures,
    penalty: 0,
    coefficients: Float64Array.from([answer, ...weights.map(() => 0)]),
  });
  const net = {
    sizes: [nFeatures, 2],
    activation: "tanh" as const,
    parameters: Float32Array.from([...weights.flatMap((w) => [-w, w]), -bias, bias]),
  };
  return {
    preprocessing,
    members: [
      {
        weight: 1,
        mixture: {
          experts: [constant(-1), constant(1)],
          gate: { kind: "softmax", net },
          recombination: "hard",
        },
      },
    ],
  };
}

function mappedRows(columns: readonly Column[], regimeOf: (i: number) => number): MappedRows {
  const nRows = columns[0]!.values.length;
  return {
    features: { nRows, columns },
    y: Float64Array.from({ length: nRows }, (_, i) => i),
    targetName: "y",
    regimes: Int32Array.from({ length: nRows }, (_, i) => regimeOf(i)),
    nearBoundary: new Uint8Array(nRows),
    nRegimes: 2,
  };
}

function preprocess({ features, y }: MappedRows): Preprocessing {
  return fitPreprocessing(features, y, Int32Array.from(y.keys()), "y");
}

describe("the map of", () => {
  test("two features is what the gate says at each place, in the user's units", () => {
    const [a, b] = [numbers("a", () => 1000 + 100 * uniform()), numbers("b", uniform)];
    const rows = mappedRows([a, b], (i) => (Number(a.values[i]) > 1000 ? 1 : 0));
    const preprocessing = preprocess(rows);
    const { mean, scale } = preprocessing.features[0] as { mean: number; scale: number };
    // The gate turns at a = 1000, whatever the mean of the rows is.
    const model = gatedModel(preprocessing, [1, 0], (mean - 1000) / scale);
    const map = mapRegimes(engine, model, rows)!;
    if (map.kind !== "plane") throw new Error("two features make a plane");
    const { nX, nY, scores } = map.grid;
    expect(scores).toHaveLength(nX * nY * 2);
    for (let cell = 0; cell < nX * nY; cell++) {
      const at = map.x.from + (((cell % nX) + 0.5) / nX) * (map.x.to - map.x.from);
      expect(scores[2 * cell + 1]! > 0.5).toBe(at > 1000);
    }
    expect([map.x.name, map.y.name]).toEqual(["a", "b"]);
    expect(map.points.x).toEqual(a.values);
  });

  test("a category and a number has one row of cells a level", () => {
    const [a, colour] = [numbers("a", uniform), words("colour", (i) => (i % 2 ? "red" : "blue"))];
    const rows = mappedRows([a, colour], (i) => i % 2);
    // Inputs: a, colour=blue, colour=red, colour unknown.
    const map = mapRegimes(engine, gatedModel(preprocess(rows), [0, -1, 1, 0]), rows)!;
    if (map.kind !== "plane") throw new Error("two features make a plane");
    expect(map.y).toMatchObject({ levels: ["blue", "red"], from: -0.5, to: 1.5 });
    const { nX, nY, scores } = map.grid;
    expect(nY).toBe(2);
    for (let cell = 0; cell < nX * nY; cell++) {
      expect(scores[2 * cell + 1]! > 0.5).toBe(cell >= nX);
    }
    map.points.y.forEach((place, p) => {
      expect(Math.round(place) === map.points.regimes[p]).toBe(true);
    });
  });

  test("one feature is the target against it, with the model's own answers", () => {
    const rows = mappedRows([numbers("a", uniform)], (i) => i % 2);
    const preprocessing = preprocess(rows);
    const { mean, scale } = preprocessing.target;
    const map = mapRegimes(engine, gatedModel(preprocessing, [1]), rows)!;
    if (map.kind !== "line") throw new Error("one feature makes a line");
    expect(map.y.name).toBe("y");
    expect(map.points.y).toEqual(rows.y);
    map.line.answers.forEach((answer, s) => {
      expect(answer).toBeCloseTo(mean + scale * (map.line.regimes[s] === 1 ? 1 : -1), 4);
    });
    expect([...map.line.x].every((x, s) => s === 0 || x > map.line.x[s - 1]!)).toBe(true);
  });

  test("many features has the rows in two of them and counts the others", () => {
    const columns = ["a", "b", "c", "d"].map((name) => numbers(name, uniform));
    const [, b, , d] = columns;
    const regimeOf = (i: number) => (Number(b!.values[i]) > Number(d!.values[i]) ? 1 : 0);
    const rows = mappedRows(columns, regimeOf);
    const map = mapRegimes(engine, gatedModel(preprocess(rows), [0, 1, 0, -1]), rows)!;
    if (map.kind !== "projection") throw new Error("four features make a projection");
    expect([map.x.name, map.y.name, map.nOthers]).toEqual(["b", "d", 2]);
    expect(map.separated).toBeGreaterThan(0.85);
    const share = rows.regimes.reduce((sum, k) => sum + k, 0) / n;
    expect(map.largest).toBeCloseTo(Math.max(share, 1 - share), 12);
  });

  test("one regime of several features, or no feature, is nothing", () => {
    const rows = mappedRows([numbers("a", uniform), numbers("b", uniform)], () => 0);
    const model = gatedModel(preprocess(rows), [1, 0]);
    expect(mapRegimes(engine, model, { ...rows, nRegimes: 1 })).toBeNull();
    expect(mapRegimes(engine, model, { ...rows, features: { nRows: n, columns: [] } })).toBeNull();
  });

  test("rows with gaps and rare levels leaves those out and counts them", () => {
    const a = numbers("a", (i) => (i < 10 ? Number.NaN : uniform()));
    const b = words("b", (i) => (i >= 390 ? null : i < 380 ? `level ${i % 12}` : `rare ${i}`));
    const rows = mappedRows([a, b], (i) => i % 2);
    const nInputs = 2 + 23;
    const model = gatedModel(
      preprocess(rows),
      Array.from({ length: nInputs }, () => 0),
    );
    const map = mapRegimes(engine, model, rows)!;
    expect(map.y.levels).toHaveLength(12);
    expect(map.nPlaceless).toBe(10 + 10 + 10);
    expect(map.points.x).toHaveLength(n - 30);
    expect([...map.points.x, ...map.points.y].some(Number.isNaN)).toBe(false);
  });

  test("many rows draws 1,500 of them, evenly", () => {
    const columns = ["a", "b"].map((name) => numbers(name, (i) => i, 6000));
    const rows = mappedRows(columns, (i) => i % 2);
    const map = mapRegimes(engine, gatedModel(preprocess(rows), [1, 0]), rows)!;
    expect(map.points.x).toHaveLength(1500);
    expect([...map.points.x.slice(0, 3)]).toEqual([0, 4, 8]);
  });
});

describe("the separating pair", () => {
  test("by hand: of eight rows, six are in cells of their regime", () => {
    const a = words("a", (i) => (i < 4 ? "left" : "right"), 8);
    const b = words("b", (i) => (i % 2 === 0 ? "low" : "high"), 8);
    // Cells of two rows: left low 0 0, left high 1 1, right low 1 1, right high 0 1.
    const regimes = Int32Array.from([0, 1, 0, 1, 1, 0, 1, 1]);
    const table: Table = { nRows: 8, columns: [a, b] };
    expect(separatingPair(table, regimes)).toEqual({ columns: [0, 1], separated: 6 / 8 });
  });

  test("is the two that decide together, where neither tells anything alone", () => {
    const columns = Array.from({ length: 6 }, (_, j) => numbers(`x${j}`, uniform, 2000));
    const [, b, , , e] = columns;
    const regimes = Int32Array.from({ length: 2000 }, (_, i) =>
      Number(b!.values[i]) * Number(e!.values[i]) > 0 ? 1 : 0,
    );
    const pair = separatingPair({ nRows: 2000, columns }, regimes);
    expect(pair.columns).toEqual([1, 4]);
    expect(pair.separated).toBeGreaterThan(0.9);
  });

  test("tells no more of regimes by chance than the largest share", () => {
    const { table } = generate("curve", { nRows: 1000, seed: 1 });
    const regimes = Int32Array.from({ length: 1000 }, () => rng.int(2));
    const features = { ...table, columns: table.columns.slice(0, 2) };
    expect(separatingPair(features, regimes).separated).toBeLessThan(0.55);
  });

  test("of one feature is that one twice, missing values and all", () => {
    const a = numbers("a", (i) => (i % 2 === 0 ? Number.NaN : uniform()));
    const regimes = Int32Array.from({ length: n }, (_, i) => i % 2);
    const pair = separatingPair({ nRows: n, columns: [a] }, regimes);
    expect(pair).toEqual({ columns: [0, 0], separated: 1 });
  });
});
