/**
 * Goal: a category of hundreds of levels counts where levels matter and does no harm where not; no
 * row's target is among its inputs; bundles, unknown levels and forgetting follow.
 * Method: 120 shops of five rows, with and without effects, fitted quickly.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { matrixOf } from "../../src/api/inputs.ts";
import { applyPreprocessing, selectTarget } from "../../src/data/index.ts";
import { createReferenceEngine } from "../../src/experts/index.ts";
import {
  type DataTable,
  evaluate,
  explainRows,
  exportModel,
  type Fitted,
  fit,
  forget,
  load,
  openTable,
  predict,
  save,
} from "../../src/index.ts";
import { addLevelEffects } from "../../src/library/level-effects.ts";
import { createRowPredictor, predictMatrix } from "../../src/mixture/index.ts";
import { createRng } from "../../src/shared/rng.ts";
import { runOnnx } from "../onnx/runtime.ts";
import { QUICK } from "./prices.ts";

const N_SHOPS = 120;

interface Sale {
  readonly key: number;
  readonly shop: string | null;
  readonly a: number;
  readonly y: number;
}

/** @param size - The standard deviation of the shops' effects. */
function draw(nRows: number, size: number, seed: number): readonly Sale[] {
  const ofShops = createRng(99);
  const effects = Array.from({ length: N_SHOPS }, () => size * ofShops.normal());
  const rng = createRng(seed);
  return Array.from({ length: nRows }, (_, key) => {
    const shop = key < N_SHOPS ? key : Math.floor(N_SHOPS * rng.uniform());
    const a = rng.uniform();
    const y = 2 * Math.sin(4 * a) + effects[shop]! + 0.2 * rng.normal();
    return { key, shop: `Shop ${shop}`, a, y };
  });
}

const open = (rows: readonly Sale[]): Promise<DataTable> =>
  openTable(rows, { target: "y", drop: ["key"], keepTexts: true });

const folder = mkdtempSync(join(tmpdir(), "bailiwick-levels-"));
afterAll(() => rmSync(folder, { recursive: true }));
const bundle = join(folder, "model");
const fresh = draw(300, 1, 2);
const settings = { ...QUICK, experts: 1, threads: 1 } as const;
let model: Fitted;
beforeAll(async () => {
  model = await fit(await open(draw(600, 1, 1)), { ...settings, keepRows: true });
  await save(model, bundle);
}, 60_000);

const effectOf = ({ model: { preprocessing } }: Pick<Fitted, "model">) =>
  preprocessing.features.find(({ name }) => name === "shop (effect)");

describe("a category of many levels", () => {
  test("whose levels matter is a feature for each of them", async () => {
    expect(effectOf(model)).toMatchObject({ type: "number", from: { column: "shop" } });
    expect(model.warnings.join()).toMatch(/what each adds to the target is a feature/);
    // The noise is 0.2, the shops' effects 1; 50 shops of 120 have a column.
    expect((await evaluate(model, fresh)).rmse).toBeLessThan(0.45);
  });

  test("whose levels do not matter has no such feature", async () => {
    const plain = await fit(await open(draw(600, 0, 1)), settings);
    expect(effectOf(plain)).toBeUndefined();
    expect(plain.warnings.join()).toMatch(/beyond the 50 most frequent they say nothing/);
  }, 60_000);

  test("gives no row its target: another target leaves the row's effect as it is", async () => {
    const rows = draw(600, 1, 1);
    const effects = async (changed: readonly Sale[]): Promise<Float64Array> => {
      const { table } = await open(changed);
      const { selected } = addLevelEffects(selectTarget(table, "y", { drop: ["key"] }));
      const column = selected.features.columns.find(({ name }) => name === "shop (effect)")!;
      return Float64Array.from(column.values, Number);
    };
    const before = await effects(rows);
    // The effects are in standard deviations of the target, which the change moves a little.
    const after = await effects(rows.map((row, i) => (i === 200 ? { ...row, y: row.y + 2 } : row)));
    expect(Math.abs(after[200]! - before[200]!)).toBeLessThan(0.02);
    const mates = rows.flatMap(({ shop }, i) => (shop === rows[200]!.shop && i !== 200 ? [i] : []));
    const moved = mates.map((i) => Math.abs(after[i]! - before[i]!));
    expect(Math.max(...moved)).toBeGreaterThan(0.1);
  });

  test("predicts an unknown and a missing level as levels of no effect", async () => {
    const { preprocessing } = model.model;
    const table = (await open(fresh)).table;
    const place = preprocessing.features.findIndex(({ name }) => name === "shop (effect)");
    expect(place).toBe(preprocessing.features.length - 1);
    const none = {
      ...table,
      columns: table.columns.map((column) =>
        column.name === "shop" && column.type === "category"
          ? { ...column, values: column.values.map((_, i) => (i % 2 === 0 ? "elsewhere" : null)) }
          : column,
      ),
    };
    const { values, nColumns, nRows } = applyPreprocessing(preprocessing, none);
    const feature = effectOf(model) as { readonly mean: number; readonly scale: number };
    for (let i = 0; i < nRows; i++) {
      expect(values[(i + 1) * nColumns - 1]).toBeCloseTo(-feature.mean / feature.scale, 5);
    }
    const { warnings } = await evaluate(
      model,
      fresh.map((row) => ({ ...row, shop: "elsewhere" })),
    );
    expect(warnings.join()).toMatch(/300 of 300 cells hold levels that training did not have/);
  });

  test("is answered alike one by one, from tensors and by an exported graph", async () => {
    const { values } = await predict(model, fresh);
    const predictRow = createRowPredictor(createReferenceEngine(), model.model);
    const said = fresh.map(({ shop, a }) => predictRow([shop, a]));
    const path = join(folder, "model.onnx");
    await exportModel(model, path);
    const { table } = await openTable(fresh);
    const columns = ["shop", "a"].map((name) => table.columns.find((own) => own.name === name)!);
    const theirs = await runOnnx(readFileSync(path), { ...table, columns }, 1);
    expect(theirs.inputNames).toEqual(["shop", "a"]);
    const texts = fresh.flatMap(({ shop, a }) => [shop!, String(a)]);
    const tensor = { name: "rows", datatype: "BYTES", nRows: fresh.length, nColumns: 2 } as const;
    const X = matrixOf(
      [{ ...tensor, elements: { kind: "texts", values: texts } }],
      model.model.preprocessing,
    );
    const tensors = predictMatrix(createReferenceEngine(), model.model, X).values;
    values.forEach((value, i) => {
      expect(said[i]).toBeCloseTo(value, 4);
      expect(tensors[i]).toBeCloseTo(value, 4);
      expect(theirs.prediction[i]).toBeCloseTo(value, 4);
    });
  });

  test("has one contribution, with its most frequent levels", async () => {
    const { contributions } = await explainRows(model, fresh.slice(0, 2));
    expect(contributions!.columns).toEqual(["shop", "a"]);
  });
});

test("a saved model predicts the same, knows its rows, and forgets a level with its row", async () => {
  const again = await load(bundle);
  expect((await predict(again, fresh)).values).toEqual((await predict(model, fresh)).values);
  const onTrained = await evaluate(again, draw(600, 1, 1));
  expect(onTrained.warnings.join()).toMatch(/was trained on these rows/);
  expect(await forget(bundle, { column: "key", value: "17" })).toMatchObject({ nForgotten: 1 });
  const after = await load(bundle);
  const effect = JSON.stringify(effectOf(after));
  expect(effect).not.toContain('"Shop 17"');
  expect(effect).toContain('"Shop 18"');
}, 60_000);
