/**
 * Goal: after `forget` no byte of the rows is left in the bundle or its store, no expert is one
 * that was trained with them, and a rerun finishes what a kill interrupted.
 * Method: rows whose cells occur nowhere else, extremes among them, searched for as text and as
 * 32- and 64-bit numbers in every file; a kill after the store's journal was written.
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fit, forget, load, openTable, predict, save } from "../../src/index.ts";
import { createRng } from "../../src/shared/rng.ts";
import { tracesIn, tracesOf } from "../traces.ts";

const root = mkdtempSync(join(tmpdir(), "bailiwick-forget-"));
const bundle = join(root, "model");
afterAll(() => rmSync(root, { recursive: true }));

/** The person's rows: of a town, heights and prices of no one else. */
const SECRETS = {
  town: "Kleinkuchen",
  heights: [987.65625, -876.53125],
  price: [7654.625, -6543.5],
};

const rng = createRng(3);
const rows = Array.from({ length: 240 }, (_, i) => {
  const height = 100 + 10 * rng.normal();
  const town = ["Aach", "Berg", "Chur"][i % 3]!;
  return { id: `p${i}`, height, width: 5 * rng.normal(), town, price: 2 * height + rng.normal() };
});
for (const [i, height] of SECRETS.heights.entries()) {
  rows[90 * i + 5] = {
    id: "secret",
    height,
    width: 1,
    town: SECRETS.town,
    price: SECRETS.price[i]!,
  };
}

beforeAll(async () => {
  const table = await openTable(rows, { target: "price", drop: ["id"], keepTexts: true });
  const tuning = { steps: [400], extendTo: 400 };
  await save(await fit(table, { preset: "fast", experts: 2, tuning, keepRows: true }), bundle);
}, 60_000);

function traces(): readonly string[] {
  const values = ["secret", SECRETS.town, ...SECRETS.heights, ...SECRETS.price];
  return tracesIn([root], values.flatMap(tracesOf));
}

test("forgotten rows leave no byte, and no expert that was trained with them", async () => {
  expect(traces().length).toBeGreaterThan(5);
  const experts = new Set(readdirSync(join(bundle, "blobs")));
  const report = await forget(bundle, { column: "id", value: "secret" });
  expect(report).toMatchObject({ nForgotten: 2, unaffected: [], removedVersions: [1] });
  expect(traces()).toEqual([]);
  expect(report.affected.length).toBeGreaterThan(0);
  for (const { after } of report.affected) expect(experts.has(after!)).toBe(false);
  const { values } = await predict(await load(bundle), rows.slice(0, 5));
  expect(values.every(Number.isFinite)).toBe(true);
}, 60_000);

test("a forgetting killed before old shards were removed is finished by a rerun", async () => {
  const store = `${bundle}.store`;
  const copy = join(root, "copy.store");
  const key = { column: "id", value: "p7" };
  cpSync(store, copy, { recursive: true });
  await forget(bundle, key);
  for (const name of readdirSync(copy).filter((file) => /^\d/.test(file))) {
    cpSync(join(copy, name), join(store, name));
  }
  rmSync(copy, { recursive: true });
  const holds = (): boolean =>
    readdirSync(store).some((name) => readFileSync(join(store, name)).includes('"p7"'));
  expect(holds()).toBe(true);
  expect(await forget(bundle, key)).toMatchObject({ nForgotten: 0 });
  expect(holds()).toBe(false);
}, 60_000);

test("a model saved over another one takes the rows away that were kept beside it", async () => {
  expect(existsSync(`${bundle}.store`)).toBe(true);
  const model = await load(bundle);
  await save(model, bundle);
  expect(existsSync(`${bundle}.store`)).toBe(true);
  const table = await openTable(rows.slice(20), { target: "price", drop: ["id"] });
  const tuning = { steps: [400], extendTo: 400 };
  await save(await fit(table, { preset: "fast", experts: 1, tuning }), bundle);
  expect(existsSync(`${bundle}.store`)).toBe(false);
  const gone = forget(bundle, { column: "id", value: "p8" });
  await expect(gone).rejects.toMatchObject({ code: "STORE_MISSING" });
}, 60_000);
