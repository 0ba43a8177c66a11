/**
 * Goal: a configuration is parsed once, strictly, and its JSON Schema is the same definition.
 * Method: worked examples, each kind of mistake once, and the committed schema compared with the
 * generated one. To write it anew: `UPDATE_SCHEMA=1 npx vitest run --config test/vitest.config.ts
 * test/experiments/config.test.ts`.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  configJsonSchema,
  fitConfigJsonSchema,
  fitOptionsOf,
  parseConfig,
  parseFitConfig,
} from "../../src/experiments/index.ts";
import { planFit } from "../../src/library/index.ts";
import { DEFAULT_FIT } from "../../src/mixture/index.ts";

const FOLDER = new URL("../../experiments/", import.meta.url);

test.each([
  ["config.schema.json", configJsonSchema],
  ["fit.schema.json", fitConfigJsonSchema],
])("the committed %s is the one that the parser generates", (name, generate) => {
  const path = new URL(name, FOLDER);
  const text = `${JSON.stringify(generate(), null, 2)}\n`;
  if (process.env["UPDATE_SCHEMA"] === "1") writeFileSync(path, text);
  expect(readFileSync(path, "utf8")).toBe(text);
});

test("every committed configuration is valid", () => {
  const files = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith("config.json"),
  );
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    expect(() =>
      parseConfig(JSON.parse(readFileSync(new URL(file, FOLDER), "utf8"))),
    ).not.toThrow();
  }
});

test("defaults are filled in, and what is left out keeps the fit's own", () => {
  const config = parseConfig({ name: "n", data: "d", tuning: { steps: [10] } });
  expect(config).toMatchObject({
    protocol: { kind: "hold-out", repeats: 3, testFraction: 0.2 },
    preset: "fast",
    seed: 1,
  });
  const options = fitOptionsOf(config);
  expect(options.tuning).toEqual({ ...DEFAULT_FIT.tuning, steps: [10] });
  expect(options.candidates).toEqual(DEFAULT_FIT.candidates);
});

test.each([
  [
    "an unknown key, with the nearest",
    { tarlet: "y" },
    'unknown key "tarlet", did you mean "target"',
  ],
  ["an unknown key further in", { tuning: { step: [1] } }, 'did you mean "steps"'],
  ["a wrong type", { seed: "one" }, "seed: "],
  ["an unknown choice", { gate: "forest" }, "gate: "],
  ["folds below two", { protocol: { kind: "k-fold", folds: 1 } }, "protocol.folds: "],
])("refuses %s", (_name, extra, message) => {
  const document = { name: "n", data: "d", ...extra };
  expect(() => parseConfig(document)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  expect(() => parseConfig(document)).toThrow(message);
});

test("refuses what is no object, and a missing name", () => {
  expect(() => parseConfig([])).toThrow("the configuration: ");
  expect(() => parseConfig({ data: "d" })).toThrow("name: ");
});

test("an accurate model may name its families, and nothing of models that divide the rows", () => {
  const accurate = { name: "n", data: "d", preset: "accurate" };
  const { committee } = planFit(parseConfig({ ...accurate, families: "mlp" }));
  expect(committee).toMatchObject({ families: [] });
  expect(planFit(parseConfig(accurate)).committee?.families).toHaveLength(4);
  expect(planFit(parseConfig({ name: "n", data: "d" })).committee).toBeNull();
  expect(() => parseConfig({ name: "n", data: "d", families: "mlp" })).toThrow(
    /families: must be left out unless preset is accurate/,
  );
  for (const own of [{ experts: [3] }, { gate: "svm" }, { recombination: "hard" }]) {
    const message = `${Object.keys(own)} must be left out if the preset is accurate`;
    expect(() => planFit(parseConfig({ ...accurate, ...own }))).toThrow(message);
  }
});

test("a fit's configuration has the names of an experiment's, and those of its own options", () => {
  const shared = { data: "d", target: "y", drop: ["a"], experts: [1, 2], gate: "softmax", seed: 3 };
  const tuning = { steps: [10] };
  const { name: _, ...experiment } = parseConfig({ name: "n", ...shared, tuning });
  expect(experiment).toMatchObject(parseFitConfig({ ...shared, tuning }));
  expect(parseFitConfig({ time: "90s", preset: "auto", keepRows: true })).toEqual({
    time: 90_000,
    preset: "auto",
    keepRows: true,
  });
  expect(parseFitConfig({ $schema: "fit.schema.json" })).toEqual({});
});

test.each([
  [{ tarlet: "y" }, 'the configuration has an unknown key "tarlet", did you mean "target"?'],
  [{ tuning: { step: [1] } }, 'tuning has an unknown key "step", did you mean "steps"?'],
  [{ time: "soon" }, "time: must be a time from 1s to 24h, as 90s or 2m"],
  [{ preset: "best", seed: -1 }, /preset: .*; seed: /],
  [[], "the configuration: "],
])("a fit's configuration refuses %j", (document, message) => {
  expect(() => parseFitConfig(document)).toThrow(message);
  expect(() => parseFitConfig(document)).toThrow(
    expect.objectContaining({ code: "CONFIG_INVALID" }),
  );
});
