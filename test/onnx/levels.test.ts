/**
 * Goal: an exported program takes a cell for the level that the reader of tables takes it for.
 * Method: one model whose levels are texts, booleans, whole numbers, days and moments; odd cells go
 * through onnxruntime-web as they stand in a file, and through the CSV reader and `predict`.
 */
import { expect, test } from "vitest";
import { type CategoryFeature, parseTable, type Table } from "../../src/data/index.ts";
import { createReferenceEngine } from "../../src/experts/index.ts";
import { predict } from "../../src/mixture/index.ts";
import { encodeOnnx } from "../../src/onnx/index.ts";
import { makeModel } from "./models.ts";
import { runOnnx } from "./runtime.ts";

const LEVELS: readonly (readonly [level: string, cells: readonly string[]])[] = [
  ["A", ["A", " A", "A  ", "\tA", "\u00a0A\u3000", "a"]],
  ["a+b (c)", ["a+b (c)", " a+b (c) ", "aab c", "a+b  (c)"]],
  ["true", ["true", "True", "TRUE", " tRue ", "truth"]],
  ["3", ["3", "3.0", "+3", " 3. ", "3.000", "03", "3.1", "33", "-3"]],
  ["-12", ["-12", "-12.0", "12", "-012"]],
  ["0", ["0", "-0", "+0.0", " 0. ", "00"]],
  ["007", ["007", "7", "007.0", "+007"]],
  ["2024-01-01", ["2024-01-01", "2024-01-01 00:00:00", "2024-01-01T00:00Z", "2024-01-01 01:00"]],
  [
    "2024-05-06T07:08:00Z",
    ["2024-05-06 07:08", "2024-05-06t07:08:00.000z", "2024-05-06T07:08:00+00:00", "2024-05-06"],
  ],
  ["2024-05-06T07:08:09.25Z", ["2024-05-06 07:08:09.250", "2024-05-06 07:08:09.26"]],
  ["naïve 🌧", ["naïve 🌧", " naïve 🌧 ", "naive", "NAÏVE 🌧"]],
  ["ǅ ß K", ["ǅ ß K", "ǆ ß K", "ǅ SS K", "ǅ ß k"]],
  ["Nord", ["nord", "NORD"]],
  ["NORD", ["nOrD"]],
];
const BOOLEANS = [
  "yes",
  "NO",
  "y",
  "t",
  "f",
  "1",
  "0",
  "1.0",
  "+1",
  "-0",
  "Ja",
  "NÃO",
  "on",
  "off",
];
const MISSING = ["", "   ", "NA", " n/a "];

const levels = LEVELS.map(([level]) => level).sort();
const cells = [...new Set([...LEVELS.flatMap(([, own]) => own), ...BOOLEANS, ...MISSING])];

/** The table as a reader gives it: from a CSV file with every cell quoted. */
async function readCells(): Promise<Table> {
  const lines = cells.map((cell) => `"${cell}"`);
  return parseTable(Buffer.from(`c\n${lines.join("\n")}\n`), "csv", { types: { c: "category" } });
}

const KINDS: readonly (readonly [string, Omit<CategoryFeature, "type" | "name">])[] = [
  ["of levels and an unknown one", { levels }],
  ["of levels alone", { levels, closed: true }],
  ["of one level that was constant", { levels: ["A"], constant: "one value" }],
  ["of one level, and others missing", { levels: ["A"] }],
  ["of a yes and a no", { levels: ["No", "Yes"] }],
  ["of true and false, and none else", { levels: ["false", "true"], closed: true }],
  ["without levels", { levels: [] }],
  ["of levels in several spellings, as earlier bundles have", { levels: ["3", "3.0", "True"] }],
];

test.each(KINDS)("a category %s", async (_name, feature) => {
  const model = makeModel({
    seed: 5,
    experts: ["mlp", "ridge"],
    gate: "softmax",
    features: [{ type: "category", name: "c", ...feature }],
  });
  const ours = predict(createReferenceEngine(), model, await readCells());
  const asTheyStand: Table = {
    nRows: cells.length,
    columns: [{ type: "category", name: "c", values: cells }],
  };
  const bytes = encodeOnnx(model, { digest: "ab".repeat(32), packageVersion: "1.2.3" });
  const { prediction } = await runOnnx(bytes, asTheyStand, 1);
  const { scale } = model.preprocessing.target;
  const wrong = cells.filter(
    (_, i) => !(Math.abs(prediction[i]! - ours.values[i]!) < 1e-5 * scale),
  );
  expect(wrong).toEqual([]);
});
