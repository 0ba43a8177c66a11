/**
 * Goal: a bundle is updated whole or not at all, unchanged experts stay the same files, earlier
 * versions can be served again, and what is forgotten is gone.
 * Method: bundles of generated sets with known regimes, updated in place.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readBundle } from "../../src/bundle/index.ts";
import {
  follow,
  forgetKey,
  planBundleUpdate,
  rollback,
  type UpdateReport,
  updateBundle,
} from "../../src/update/index.ts";
import { countRows, openStore, storeFolder } from "../../src/update/store/index.ts";
import { batchOf, knownBundle } from "./bundles.ts";
import { type Drift, executor, rowsOf } from "./streams.ts";

const SET = { nRows: 1200, seed: 1 };
const OPTIONS = { executor, seed: 1 };
const shifted: Drift = (regime, [x]) => (regime === 1 ? 1.5 + Math.sin(2 * x!) : 0);
const drifted = batchOf(rowsOf("intervals", { nRows: 400, seed: 7, drift: shifted }), "drifted");
const back = batchOf(rowsOf("intervals", { nRows: 400, seed: 8 }), "back");

describe("a bundle with its rows", () => {
  let folder: string;
  let report: UpdateReport;
  beforeAll(async () => {
    folder = (await knownBundle("intervals", SET)).folder;
    report = await updateBundle(folder, drifted, OPTIONS);
  });

  test("gets a version in which one blob of four is another", async () => {
    expect(report).toMatchObject({ versionBefore: 1, version: 2, nRows: 400, nDropped: 0 });
    expect(report.affected.map(({ id }) => id)).toEqual(["m0.e1"]);
    expect(report.unaffected).toHaveLength(3);
    for (const { before, after } of report.unaffected) expect(after).toBe(before);
    const { manifest, version } = await readBundle(folder);
    expect(version).toBe(2);
    expect(manifest.update).toMatchObject({ fromVersion: 1, dataName: "drifted" });
    const files = readdirSync(join(folder, "blobs"));
    // 4 experts, 4 novelties, the gate; and one expert and its novelty anew.
    expect(files).toHaveLength(11);
  });

  test("reads old rows of the affected regime alone, and keeps the new ones", async () => {
    expect(report.rowsRead).toBeLessThan(0.3 * 1600);
    const counts = countRows(await openStore(storeFolder(folder)));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1600);
  });

  test("knows the old law when it comes back, from its first version", async () => {
    const again = await updateBundle(folder, back, OPTIONS);
    const decision = again.decisions.find(({ expert }) => expert === "m0.e1")!;
    expect(decision).toMatchObject({ action: "recall", cost: 0 });
    expect(decision.why).toMatch(/m0\.e1 of version 1/);
    expect(again.affected[0]!.after).toBe(report.affected[0]!.before);
    expect(again.version).toBe(3);
  });

  test("serves an earlier version again, and the one before", async () => {
    expect(await rollback(folder, 1)).toMatchObject({ from: 3, version: 1 });
    expect((await readBundle(folder)).version).toBe(1);
    expect(await rollback(folder, 3)).toMatchObject({ from: 1, version: 3 });
    expect(await rollback(folder)).toMatchObject({ from: 3, version: 2 });
    await expect(rollback(folder, 9)).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });
});

test("a plan says what would be done and writes nothing", async () => {
  const { folder } = await knownBundle("intervals", SET);
  const before = readdirSync(dirname(folder), { recursive: true });
  const { decisions } = await planBundleUpdate(folder, drifted, OPTIONS);
  expect(decisions.map(({ action }) => action)).toEqual(["keep", "retrain", "keep", "keep"]);
  expect(readdirSync(dirname(folder), { recursive: true })).toEqual(before);
});

test("moved inputs are distinguished from a changed law, and nothing is trained", async () => {
  const { folder } = await knownBundle("intervals", SET);
  const { table } = batchOf(rowsOf("intervals", { nRows: 2000, seed: 21 }), "moved");
  const x = table.columns[0]!.values as Float64Array;
  // Of every regime its left half.
  const kept = [...x.keys()].filter((i) => x[i]! - Math.floor(x[i]!) < 0.5);
  const columns = table.columns.map((column) =>
    column.type === "number"
      ? { ...column, values: Float64Array.from(kept, (i) => column.values[i]!) }
      : { ...column, values: kept.map((i) => column.values[i]!) },
  );
  const moved = { name: "moved", sha256: "0".repeat(64), table: { nRows: kept.length, columns } };
  const { decisions, version } = await updateBundle(folder, moved, OPTIONS);
  expect(version).toBe(1);
  for (const { action, why } of decisions) {
    expect(action).toBe("keep");
    expect(why).toMatch(/^its inputs have moved/);
  }
}, 20_000);

test("an expert whose law stays is trained again when its rows have doubled, and not before", async () => {
  const { folder } = await knownBundle("intervals", { ...SET, nRows: 600 });
  const trained = [0, 0, 0, 0];
  for (let day = 0; day < 12; day++) {
    const rows = batchOf(rowsOf("intervals", { nRows: 200, seed: 30 + day }), `day ${day}`);
    const { decisions } = await updateBundle(folder, rows, { executor, seed: day });
    for (const [k, { verified }] of decisions.entries()) if (verified !== null) trained[k]! += 1;
  }
  // Each regime's 150 rows become 750: they double twice, whether or not training helps.
  for (const times of trained) expect([1, 2]).toContain(times);
}, 60_000);

test("without a store an update learns from the new rows alone", async () => {
  const { folder } = await knownBundle("intervals", { ...SET, keep: false });
  const { rowsRead, affected, change } = await updateBundle(folder, drifted, OPTIONS);
  expect(affected).toHaveLength(1);
  expect(rowsRead).toBeLessThan(150);
  expect(change.errorAfter!).toBeLessThan(0.5 * change.errorBefore!);
});

test("rows that do not fit are refused by name, and the bundle stays as it is", async () => {
  const { folder } = await knownBundle("intervals", SET);
  const { digest } = await readBundle(folder);
  const columns = drifted.table.columns;
  const without = (name: string) => ({
    ...drifted,
    table: { ...drifted.table, columns: columns.filter((column) => column.name !== name) },
  });
  for (const name of ["x1", "y"]) {
    await expect(updateBundle(folder, without(name), OPTIONS)).rejects.toMatchObject({
      code: "COLUMN_MISSING",
    });
  }
  expect((await readBundle(folder)).digest).toBe(digest);
  // Others, and in another order, are no harm.
  const table = { ...drifted.table, columns: [...columns].reverse() };
  expect(await updateBundle(folder, { ...drifted, table }, OPTIONS)).toMatchObject({ version: 2 });
});

test("forgetting trains the experts that knew the rows from nothing and removes earlier versions", async () => {
  const { folder } = await knownBundle("intervals", SET);
  const first = await readBundle(folder);
  // The rows of regime 1 that are plant 3's; other plants stay.
  const report = await forgetKey(folder, { column: "plant", value: "P3" }, OPTIONS);
  expect(report).toMatchObject({ nForgotten: 30, versionBefore: 1, version: 2 });
  expect(report.removedVersions).toEqual([1]);
  expect(report.affected.length).toBeGreaterThan(0);
  const blobs = readdirSync(join(folder, "blobs"));
  for (const { before } of report.affected) expect(blobs).not.toContain(before);
  const files = readdirSync(storeFolder(folder));
  const texts = files.map((name) => readFileSync(join(storeFolder(folder), name), "utf8"));
  expect(texts.join("")).not.toContain('"P3"');
  const after = await readBundle(folder);
  expect(after.manifest.provenance.nTrain).toBe(first.manifest.provenance.nTrain - 30);
  const none = await forgetKey(folder, { column: "plant", value: "P3" }, OPTIONS);
  expect(none).toMatchObject({ nForgotten: 0, version: 2, affected: [] });
  const missing = { code: "STORE_MISSING" };
  const bare = await knownBundle("intervals", { ...SET, keep: false });
  const key = { column: "plant", value: "P3" };
  await expect(forgetKey(bare.folder, key, OPTIONS)).rejects.toMatchObject(missing);
});

test("rows that keep coming are followed until a law changes, and after", async () => {
  const { folder } = await knownBundle("intervals", { ...SET, keep: false });
  async function* batches() {
    for (let b = 0; b < 12; b++) {
      const drift = b < 6 ? {} : { drift: shifted };
      yield batchOf(rowsOf("intervals", { nRows: 100, seed: 50 + b, ...drift }), `batch ${b}`);
    }
  }
  const made: number[] = [];
  const report = await follow(folder, batches(), {
    ...OPTIONS,
    onBatch: ({ version }) => made.push(version),
  });
  expect(made.slice(0, 6)).toEqual([1, 1, 1, 1, 1, 1]);
  // The batch of the change leaves six held-out rows, which may be targets of other rows too.
  expect(made[7]).toBe(2);
  expect(report).toMatchObject({ nBatches: 12, nRows: 1200 });
});
