/**
 * Goal: the library does for a program what the commands do for a person, and refuses nonsense in
 * words that help.
 * Method: one quick fit, asked in every form of rows, saved, read again and exported; each kind of
 * wrong argument once; settings through the same plan as the commands.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportModel as exportBundle, readBundle } from "../../src/bundle/index.ts";
import {
  type DataTable,
  evaluate,
  explain,
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
  rollback,
  runExperiment,
  save,
  update,
} from "../../src/index.ts";
import { figure } from "../../src/shared/wording.ts";
import { csvOf, drawFlats, type Flat, QUICK } from "./prices.ts";

const folder = mkdtempSync(join(tmpdir(), "bailiwick-library-"));
const bundle = join(folder, "prices");
const flats = drawFlats(120, 1);
const fresh = drawFlats(30, 2);
const stages: string[] = [];
let table: DataTable;
let model: Fitted;

beforeAll(async () => {
  writeFileSync(join(folder, "prices.csv"), csvOf(flats));
  writeFileSync(join(folder, "fresh.csv"), csvOf(fresh));
  const reading = { target: "price", drop: ["id"], keepTexts: true };
  table = await openTable(join(folder, "prices.csv"), reading);
  const onProgress = (stage: string): number => stages.push(stage);
  model = await fit(table, { ...QUICK, experts: 2, keepRows: true, onProgress });
  await save(model, bundle);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

const bitsOf = (values: Float64Array): string => Buffer.from(values.buffer).toString("hex");

describe("a model", () => {
  test("predicts a file, a table and objects alike, to the last bit", async () => {
    const path = join(folder, "fresh.csv");
    const { values } = await predict(model, path);
    expect(values).toHaveLength(30);
    for (const rows of [await openTable(path), await openTable(path, { like: model }), fresh]) {
      expect(bitsOf((await predict(model, rows)).values)).toBe(bitsOf(values));
    }
  });

  test("of a file and of objects with the same values is the same model", async () => {
    const objects = await openTable(flats, { target: "price", drop: ["id"] });
    const other = await fit(objects, { ...QUICK, experts: 2, threads: 1 });
    const plain = await fit(table, { ...QUICK, experts: 2 });
    const [a, b] = await Promise.all([predict(other, fresh), predict(plain, fresh)]);
    expect(bitsOf(a.values)).toBe(bitsOf(b.values));
    expect(other.provenance.dataName).toBe("rows");
  }, 120_000);

  test("saved and loaded predicts the same bits and says the same", async () => {
    const again = await load(bundle);
    const [a, b] = [await predict(model, fresh), await predict(again, fresh)];
    expect(bitsOf(a.values)).toBe(bitsOf(b.values));
    expect(again.verdict).toEqual(model.verdict);
    expect(explain(again)).toEqual(explain(model));
    expect((await save(again, join(folder, "copy"))).digest).toBe(again.saved!.digest);
  });

  test.each(["onnx", "json", "safetensors"] as const)(
    "exports %s as the bundle that it was read from does, by the file's ending",
    async (format) => {
      const [ours, theirs] = [join(folder, `a.${format}`), join(folder, `b.${format}`)];
      await exportModel(await load(bundle), ours);
      await exportBundle(await readBundle(bundle), format, theirs);
      expect(readFileSync(ours).equals(readFileSync(theirs))).toBe(true);
    },
  );

  test("is measured, with intervals on demand, on one row too", async () => {
    const measured = await evaluate(model, fresh, { level: 0.8 });
    expect(measured).toMatchObject({ nSamples: 30, nDropped: 0 });
    expect(measured.intervals!.level).toBe(0.8);
    expect(await evaluate(model, fresh.slice(0, 1))).toMatchObject({ r2: null, intervals: null });
  });

  test("says so where it is measured on rows that it was trained on", async () => {
    const heldOut = `rmse was ${figure(model.expectation.rmse)}`;
    const trained = (which: string) =>
      `the model was trained on ${which}, so its errors on them are too small; ` +
      `on rows held out of its training the ${heldOut}`;
    const again = await load(bundle);
    const warningsOn = async (rows: readonly Flat[]) => (await evaluate(again, rows)).warnings;
    expect(await warningsOn(flats.toReversed().slice(0, 50))).toEqual([trained("these rows")]);
    expect(await warningsOn([...flats.slice(0, 30), ...fresh])).toEqual([
      trained("about 50 % of these rows"),
    ]);
    expect(await warningsOn(fresh)).toEqual([]);
    expect((await planUpdate(bundle, flats)).notes).toEqual([trained("these rows")]);
  });

  test("gives intervals around its values, and says what is strange", async () => {
    const { values, lower, upper } = await predictIntervals(model, fresh, { level: 0.8 });
    expect(values.every((value, i) => lower[i]! < value && value < upper[i]!)).toBe(true);
    const odd = [{ area: 9000, year: 1700, district: "moon" }];
    expect((await explainRows(model, odd)).notes[0]!.novelty[0]).toBeGreaterThan(1);
  });

  test("tells its regimes in words", () => {
    const regimes = explain(model);
    expect(regimes.map(({ expert }) => expert)).toEqual(["m0.e0", "m0.e1"]);
    expect(regimes.reduce((sum, { nRows }) => sum + nRows, 0)).toBe(120);
    expect(regimes[0]!.where[0]).toMatch(/area|year|district/);
    expect(regimes[0]!.effectsInWords[0]).toMatch(/^(area|year|district): /);
  });

  test("reports its fit's progress", () => {
    expect(stages.length).toBeGreaterThan(3);
  });
});

test("a saved model is updated, rolled back and made to forget", async () => {
  const changed = drawFlats(120, 3, 4000);
  const { decisions } = await planUpdate(bundle, changed);
  expect(decisions.some(({ action }) => action !== "keep")).toBe(true);
  const { versionBefore, version, notes } = await update(bundle, changed);
  expect(version).toBe(versionBefore + 1);
  expect(notes).toEqual([]);
  const updated = await load(bundle);
  expect((await evaluate(updated, changed)).warnings[0]).toContain("was trained on these rows");
  expect(await rollback(bundle)).toMatchObject({ from: version, version: versionBefore });
  expect(await forget(bundle, { column: "id", value: "17" })).toMatchObject({ nForgotten: 2 });
  expect((await load(bundle)).provenance.rowMarks).toBeUndefined();
}, 120_000);

describe("refused by name is", () => {
  const refusal = (code: string, message: RegExp) =>
    expect.objectContaining({ code, message: expect.stringMatching(message) });

  test("a setting that does not exist, with the nearest", async () => {
    // @ts-expect-error: a program in JavaScript may say anything.
    const fitting = fit(table, { presets: "fast" });
    await expect(fitting).rejects.toEqual(
      refusal("INVALID_OPTION", /fit: .*"presets", did you mean "preset"/),
    );
  });

  test.each<[string, RegExp, () => Promise<unknown>]>([
    ["a preset of no name", /preset/, () => fit(table, { preset: "best" as "fast" })],
    [
      "families of another preset",
      /accurate/,
      () => fit(table, { preset: "fast", families: "mlp" }),
    ],
    ["a path in place of a model", /fit or load/, () => predict("out" as never, fresh)],
    ["a path in place of a table", /openTable/, () => fit("prices.csv" as never)],
    ["one object in place of rows", /list of objects/, () => predict(model, fresh[0] as never)],
    ["a number among rows", /row 2 is a number/, () => predict(model, [{}, 3] as never)],
    ["a level outside of (0, 1)", /level/, () => predictIntervals(model, fresh, { level: 90 })],
    ["a format that no ending names", /\.onnx/, () => exportModel(model, join(folder, "model"))],
  ])("%s", async (_name, message, call) => {
    await expect(call()).rejects.toEqual(refusal("INVALID_OPTION", message));
  });

  test.each<[string, string, RegExp, () => Promise<unknown>]>([
    ["no row", "DATA_EMPTY", /must not be empty/, () => predict(model, [])],
    [
      "rows that all lack a column",
      "COLUMN_MISSING",
      /"area".*nearest is "aera"/,
      () => predict(model, [{ aera: 1, year: 2, district: "north" }]),
    ],
    [
      "a target that is misspelt, where it is given",
      "COLUMN_MISSING",
      /nearest is "price"/,
      () => openTable(join(folder, "prices.csv"), { target: "prize" }),
    ],
    [
      "a fit without a target",
      "TARGET_MISSING",
      /must be named \(--target\), it has .*"price"/,
      async () => fit(await openTable(join(folder, "prices.csv"))),
    ],
    ["a folder that is no bundle", "BUNDLE_NOT_FOUND", /bundle/, () => load(folder)],
    [
      "an experiment that names no data",
      "CONFIG_INVALID",
      /data/,
      () => runExperiment({ name: "a" } as never),
    ],
  ])("%s", async (_name, code, message, call) => {
    await expect(call()).rejects.toEqual(refusal(code, message));
  });
});
