/**
 * Goal: a model that learns the logarithm of its target answers in the user's unit everywhere:
 * predictions, intervals, contributions, exports, saved bundles, updates and forgetting.
 * Method: a made-up law over five decades, fitted quickly; a target of one decade beside it.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createReferenceEngine } from "../../src/experts/index.ts";
import {
  evaluate,
  explainRows,
  exportModel,
  type Fitted,
  fit,
  forget,
  load,
  openTable,
  planUpdate,
  predict,
  predictIntervals,
  save,
  update,
} from "../../src/index.ts";
import { createRowPredictor } from "../../src/mixture/index.ts";
import { createRng } from "../../src/shared/rng.ts";
import { runOnnx } from "../onnx/runtime.ts";
import { QUICK } from "./prices.ts";

/** @param times - What all targets are multiplied by where a is high: another law. */
function draw(nRows: number, seed: number, times = 1): readonly { [name: string]: number }[] {
  const rng = createRng(seed);
  return Array.from({ length: nRows }, (_, key) => {
    const [a, b] = [rng.uniform(), rng.uniform()];
    const y = Math.exp(9 * a + 2 * Math.sin(5 * b) + 0.3 * rng.normal());
    return { key, a, b, y: a > 0.5 ? times * y : y };
  });
}

const folder = mkdtempSync(join(tmpdir(), "bailiwick-transform-"));
afterAll(() => rmSync(folder, { recursive: true }));
const bundle = join(folder, "model");
const reading = { target: "y", drop: ["key"], keepTexts: true };
const fresh = draw(100, 2);
let model: Fitted;
beforeAll(async () => {
  const table = await openTable(draw(200, 1), reading);
  model = await fit(table, { ...QUICK, experts: 2, keepRows: true, threads: 1 });
  await save(model, bundle);
}, 120_000);

test("held-out error decides, and fit says so", async () => {
  expect(model.model.preprocessing.target).toMatchObject({ transform: "log" });
  expect(model.warnings.join()).toMatch(/spans decades: the model learns its logarithm/);
  const table = await openTable(draw(200, 1), reading);
  const settings = { ...QUICK, experts: 1, threads: 1 };
  const plain = await fit(table, { ...settings, targetTransform: "none" });
  expect(plain.model.preprocessing.target).not.toHaveProperty("transform");
  const [log, raw] = [await evaluate(model, fresh), await evaluate(plain, fresh)];
  expect(log.rmse).toBeLessThan(raw.rmse);
  expect(Math.min(...(await predict(model, fresh)).values)).toBeGreaterThan(0);
}, 120_000);

test("a target of one decade, and one with a zero, are learnt as they are", async () => {
  const narrow = draw(60, 3).map((row) => ({ ...row, y: 5 + Math.log(row["y"]!) }));
  const settings = { ...QUICK, experts: 1, threads: 1 };
  for (const rows of [narrow, [{ key: 99, a: 0, b: 0, y: 0 }, ...draw(60, 3)]]) {
    const other = await fit(await openTable(rows, reading), settings);
    expect(other.model.preprocessing.target).not.toHaveProperty("transform");
    expect(other.warnings.join()).not.toMatch(/logarithm/);
  }
  const zero = await openTable([{ key: 99, a: 0, b: 0, y: 0 }, ...draw(60, 3)], reading);
  await expect(fit(zero, { ...settings, targetTransform: "log" })).rejects.toThrow(
    'target "y" must be positive to have a logarithm, found 0',
  );
}, 60_000);

test("a target over three decades that is learnt as it is gets a warning with the remedy", async () => {
  // Nothing tells the rows with the largest values, so that the logarithm is no better there.
  const rng = createRng(5);
  const rows = Array.from({ length: 80 }, (_, key) => ({
    key,
    a: rng.uniform(),
    b: rng.uniform(),
    y: Math.exp(4 * rng.normal()),
  }));
  const other = await fit(await openTable(rows, reading), { ...QUICK, experts: 1, threads: 1 });
  expect(other.model.preprocessing.target).not.toHaveProperty("transform");
  expect(other.warnings.join()).toMatch(/spans decades, .*--target-transform log/);
}, 60_000);

describe("in the target's unit are", () => {
  test("the expected error, each expert's and the bounds", async () => {
    const { rmse } = await evaluate(model, fresh);
    expect(model.expectation.rmse).toBeGreaterThan(rmse / 3);
    expect(model.expectation.rmse).toBeLessThan(rmse * 3);
    const squares = model.experts[0]!.map(
      ({ residuals }) => residuals.nSamples * residuals.meanSquaredError,
    );
    const n = model.experts[0]!.reduce((sum, { residuals }) => sum + residuals.nSamples, 0);
    const pooled = Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / n);
    expect(pooled / model.expectation.rmse).toBeGreaterThan(0.5);
    expect(pooled / model.expectation.rmse).toBeLessThan(2);
    const { least, most } = model.model.preprocessing.target;
    const far = Array.from({ length: 20 }, (_, i) => ({ a: i - 10, b: 10 - i }));
    for (const value of (await predict(model, far)).values) {
      expect(value).toBeGreaterThanOrEqual(least * 0.999);
      expect(value).toBeLessThanOrEqual(most * 1.001);
    }
  });

  test("intervals, which are positive and contain the wanted share", async () => {
    const { lower, upper } = await predictIntervals(model, fresh, { level: 0.8 });
    const within = fresh.filter(({ y }, i) => y! >= lower[i]! && y! <= upper[i]!).length;
    expect(Math.min(...lower)).toBeGreaterThan(0);
    expect(within).toBeGreaterThanOrEqual(65);
    expect(within).toBeLessThanOrEqual(95);
  });

  test("contributions, which sum to the answer", async () => {
    const explained = await explainRows(model, fresh.slice(0, 5));
    const { values } = explained;
    const contributions = explained.contributions!;
    const nColumns = contributions.columns.length;
    values.forEach((value, i) => {
      const row = contributions.values.subarray(i * nColumns, (i + 1) * nColumns);
      const sum = row.reduce((total, one) => total + one, contributions.base);
      expect(Math.abs(sum + contributions.limits[i]! - value)).toBeLessThan(1e-6 * value + 1e-6);
    });
  });

  test("answers to single rows and of an exported graph", async () => {
    const { values } = await predict(model, fresh);
    const predictRow = createRowPredictor(createReferenceEngine(), model.model);
    const said = fresh.map(({ a, b }) => predictRow([a!, b!]));
    const path = join(folder, "model.onnx");
    await exportModel(await load(bundle), path);
    const { table } = await openTable(fresh);
    const columns = ["a", "b"].map((name) => table.columns.find((own) => own.name === name)!);
    const theirs = await runOnnx(readFileSync(path), { ...table, columns }, 1);
    values.forEach((value, i) => {
      expect(Math.abs(said[i]! / value - 1)).toBeLessThan(1e-4);
      expect(Math.abs(theirs.prediction[i]! / value - 1)).toBeLessThan(1e-4);
    });
  });
});

test("a saved model predicts the same, is updated and forgets", async () => {
  const again = await load(bundle);
  expect((await predict(again, fresh)).values).toEqual((await predict(model, fresh)).values);
  const same = await planUpdate(bundle, fresh);
  expect(same.decisions.every(({ action }) => action === "keep")).toBe(true);
  const refused = await planUpdate(
    bundle,
    fresh.map((row) => ({ ...row, y: -row["y"]! })),
  );
  expect(refused.warnings.join()).toMatch(/the model learns the target's logarithm/);
  const changed = draw(200, 4, 20);
  const before = await evaluate(again, changed);
  const { version, versionBefore } = await update(bundle, changed);
  expect(version).toBe(versionBefore + 1);
  expect((await evaluate(await load(bundle), draw(100, 5, 20))).rmse).toBeLessThan(before.rmse);
  expect(await forget(bundle, { column: "key", value: "17" })).toMatchObject({ nForgotten: 2 });
  const { values } = await predict(await load(bundle), fresh);
  expect(Math.min(...values)).toBeGreaterThan(0);
}, 120_000);
