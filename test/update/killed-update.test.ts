/**
 * Goal: a version and its store know the same rows wherever an update was killed, a rerun finishes
 * it, and rows are learnt once.
 * Method: the files as they are at each moment of an update: the journal and CURRENT as they were
 * before one of its last writes.
 */
import { copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { readBundle } from "../../src/bundle/index.ts";
import { takeTableRows } from "../../src/data/index.ts";
import { sha256 } from "../../src/shared/hash.ts";
import { follow, rollback, updateBundle } from "../../src/update/index.ts";
import { countRows, openStore, storeFolder } from "../../src/update/store/index.ts";
import { batchOf, knownBundle } from "./bundles.ts";
import { type Drift, executor, rowsOf } from "./streams.ts";

const SET = { nRows: 1200, seed: 1 };
const OPTIONS = { executor, seed: 1 };
const shifted: Drift = (regime, [x]) => (regime === 1 ? 1.5 + Math.sin(2 * x!) : 0);
const drifted = batchOf(rowsOf("intervals", { nRows: 400, seed: 7, drift: shifted }), "drifted");
const quiet = batchOf(rowsOf("intervals", { nRows: 100, seed: 8 }), "quiet");

let folder: string;
let journal: string;
beforeEach(async () => {
  ({ folder } = await knownBundle("intervals", SET));
  journal = join(storeFolder(folder), "journal.jsonl");
});

const countAll = async (): Promise<number> =>
  countRows(await openStore(storeFolder(folder))).reduce((sum, count) => sum + count, 0);

/** Without its last line: the fact never reached the disk. */
function cutJournal(): string {
  const lines = readFileSync(journal, "utf8").trimEnd().split("\n");
  writeFileSync(journal, `${lines.slice(0, -1).join("\n")}\n`);
  return lines.at(-1)!;
}

describe("an update that was killed", () => {
  test("after its version was served has stored its rows, and is not done again", async () => {
    const { version, digest } = await updateBundle(folder, drifted, OPTIONS);
    expect(cutJournal()).toContain("settled");
    const again = await updateBundle(folder, drifted, OPTIONS);
    expect(again).toMatchObject({ version, digest, learntIn: 2, affected: [], rowsRead: 0 });
    expect(await countAll()).toBe(1600);
  });

  test("before its version was served has stored nothing, and can be done again", async () => {
    const copy = `${folder}.copy`;
    cpSync(folder, copy, { recursive: true });
    const { digest } = await updateBundle(folder, drifted, OPTIONS);
    cutJournal();
    copyFileSync(join(copy, "CURRENT"), join(folder, "CURRENT"));
    expect(await countAll()).toBe(1200);
    const other = await updateBundle(folder, quiet, OPTIONS);
    expect(other).toMatchObject({ version: 1, learntIn: null });
    expect(await countAll()).toBe(1300);
    const again = await updateBundle(folder, drifted, OPTIONS);
    expect(again.learntIn).toBeNull();
    expect(again.affected.map(({ id }) => id)).toEqual(["m0.e1"]);
    expect(again.digest).not.toBe(digest);
    expect(await countAll()).toBe(1700);
    rmSync(copy, { recursive: true });
  });
});

test("rows from which nothing was to be learnt are not watched twice", async () => {
  const first = await updateBundle(folder, quiet, OPTIONS);
  expect(first).toMatchObject({ version: 1, learntIn: null });
  const monitors = join(storeFolder(folder), "monitors.json");
  const before = readFileSync(monitors, "utf8");
  expect(await updateBundle(folder, quiet, OPTIONS)).toMatchObject({ version: 1, learntIn: 1 });
  expect(readFileSync(monitors, "utf8")).toBe(before);
  expect(await countAll()).toBe(1300);
});

test("rows that a version after the served one has learnt are learnt again, and stored once", async () => {
  await updateBundle(folder, drifted, OPTIONS);
  await rollback(folder, 1);
  const again = await updateBundle(folder, drifted, OPTIONS);
  expect(again).toMatchObject({ versionBefore: 1, version: 3, learntIn: null });
  expect(await countAll()).toBe(1600);
  expect((await readBundle(folder)).manifest.update).toMatchObject({ fromVersion: 1 });
});

test("a rollback without a number serves the version that the served one was made from", async () => {
  await updateBundle(folder, drifted, OPTIONS);
  await rollback(folder, 1);
  await updateBundle(folder, drifted, OPTIONS);
  expect(await rollback(folder)).toMatchObject({ from: 3, version: 1 });
});

test("rows that are followed again, in other batches, are learnt from where the first run ended", async () => {
  const rows = rowsOf("intervals", { nRows: 91, seed: 9 });
  // A row without a target is never stored.
  rows.y[17] = Number.NaN;
  const { table } = batchOf(rows, "stream");
  async function* inBatches(size: number, nRows: number) {
    for (let from = 0; from < nRows; from += size) {
      const rows = Int32Array.from({ length: Math.min(size, nRows - from) }, (_, i) => from + i);
      yield {
        name: "stream",
        sha256: sha256(`${size} ${from}`),
        table: takeTableRows(table, rows),
      };
    }
  }
  const onBatch = () => {};
  const first = await follow(folder, inBatches(20, 51), { ...OPTIONS, onBatch });
  expect(first).toMatchObject({ nKnown: 0, nRows: 50 });
  const again = await follow(folder, inBatches(30, 91), { ...OPTIONS, onBatch });
  expect(again).toMatchObject({ nKnown: 51, nRows: 40 });
  expect(await countAll()).toBe(1290);
});
