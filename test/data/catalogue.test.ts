/**
 * Goal: named data sets are what their descriptors say.
 * Method: every committed set is opened and counted; a mirror is laid out here. The large mirror
 * of benchmark sets is opened too where BAILIWICK_DATA names one.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import {
  findDataset,
  listDatasets,
  openData,
  parseTable,
  publishedSplits,
  selectFrom,
  type Table,
  valuesSha256,
} from "../../src/data/index.ts";
import { sha256 } from "../../src/shared/hash.ts";

const mirror = mkdtempSync(join(tmpdir(), "bailiwick-mirror-"));
afterAll(() => rmSync(mirror, { recursive: true }));

const ROWS = Array.from({ length: 12 }, (_, i) => `s${i % 3},${i},${2 * i}`).join("\n");
mkdirSync(join(mirror, "tiny"));
writeFileSync(join(mirror, "tiny", "data.csv.gz"), gzipSync(`who,x,t\n${ROWS}\n`));
writeFileSync(join(mirror, "tiny", "splits.txt.gz"), gzipSync("0 3 6 9\n1 4 7 10\n"));
const ENTRY = {
  name: "tiny",
  rows: 12,
  features: 1,
  target: "t",
  origin: "made here",
  group: "who",
  categorical: [],
};
writeFileSync(join(mirror, "catalogue.json"), JSON.stringify([ENTRY]));

test("every committed set opens, has the rows and features it says, in 2 MB all told", async () => {
  const datasets = await listDatasets();
  expect(datasets.length).toBeGreaterThanOrEqual(8);
  let bytes = 0;
  for (const dataset of datasets) {
    const data = await openData(dataset.name);
    const { features, y } = selectFrom(data, {});
    expect([dataset.name, y.length, features.columns.length]).toEqual([
      dataset.name,
      dataset.nRows,
      dataset.nFeatures,
    ]);
    bytes += statSync(dataset.dataPath).size;
  }
  expect(bytes).toBeLessThan(2_000_000);
});

test("a mirror's sets have their splits and groups", async () => {
  const data = await openData("tiny", { mirror });
  const { features, groups } = selectFrom(data, {});
  expect(features.columns.map(({ name }) => name)).toEqual(["x"]);
  expect(groups?.[4]).toBe("s1");
  const splits = await publishedSplits(data);
  expect([...splits[1]!.test]).toEqual([1, 4, 7, 10]);
});

test("data and splits are those that the package knows by their sha256", async () => {
  const other = mkdtempSync(join(tmpdir(), "bailiwick-mirror-"));
  const entry = { ...ENTRY, name: "yacht" };
  writeFileSync(join(other, "catalogue.json"), JSON.stringify([entry]));
  for (const name of ["yacht", "concrete"]) {
    mkdirSync(join(other, name));
    writeFileSync(join(other, name, "data.csv.gz"), gzipSync(`who,x,t\n${ROWS}\n`));
    writeFileSync(join(other, name, "splits.txt.gz"), gzipSync("0 3 6 9\n"));
  }
  const code = "CHECKSUM_MISMATCH";
  await expect(openData("yacht", { mirror: other })).rejects.toMatchObject({ code });
  const concrete = await openData("concrete", { mirror: other });
  expect(concrete.dataset?.where).toBe("package");
  await expect(publishedSplits(concrete)).rejects.toMatchObject({ code });
  rmSync(other, { recursive: true });
});

test("a set without published splits says so, a broken catalogue and no mirror too", async () => {
  await expect(publishedSplits(await openData("concrete"))).rejects.toMatchObject({
    code: "INVALID_OPTION",
  });
  await expect(findDataset("x", { mirror: join(mirror, "none") })).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
  });
  await expect(findDataset("tyni", { mirror })).rejects.toThrow('the nearest name is "tiny"');
  writeFileSync(join(mirror, "tiny", "catalogue.json"), '[{"name": "../up"}]');
  await expect(findDataset("x", { mirror: join(mirror, "tiny") })).rejects.toMatchObject({
    code: "DATA_MALFORMED",
  });
});

test("a known set that is not available says how to get it", async () => {
  await expect(openData("naval")).rejects.toMatchObject({
    code: "DATASET_UNKNOWN",
    message: expect.stringContaining("bailiwick data fetch naval"),
  });
});

test("a mirror needs no catalogue for the sets that the package describes", async () => {
  const bare = mkdtempSync(join(tmpdir(), "bailiwick-mirror-"));
  mkdirSync(join(bare, "yacht"));
  writeFileSync(join(bare, "yacht", "data.csv.gz"), gzipSync(`x,t\n${ROWS}`));
  const names = (await listDatasets({ mirror: bare })).map(({ name }) => name);
  expect(names).toContain("yacht");
  expect(names).not.toContain("naval");
  rmSync(bare, { recursive: true });
});

test("values are the same in another text and packing, and other in another order", () => {
  const table = (text: string): Table => parseTable(new TextEncoder().encode(text), "csv");
  const known = valuesSha256(table("a,b\n1,x\n,y\n"));
  expect(known).toBe(sha256("a,b\n1,x\n,y\n"));
  expect(valuesSha256(table('"a", b \r\n1.00,"x"\r\nNA,y'))).toBe(known);
  expect(valuesSha256(table("a,b\n,y\n1,x\n"))).not.toBe(known);
});

const large = process.env["BAILIWICK_DATA"];
if (large === undefined || large === "") {
  process.stderr.write("BAILIWICK_DATA is not set: the test of its sets is not registered\n");
} else {
  test("every set of the benchmark mirror opens with its splits", {
    timeout: 240_000,
  }, async () => {
    for (const dataset of await listDatasets({ mirror: large })) {
      if (dataset.splits === null) continue;
      const data = await openData(dataset.name, { mirror: large });
      expect([dataset.name, data.table.nRows]).toEqual([dataset.name, dataset.nRows]);
      expect((await publishedSplits(data)).length).toBeGreaterThanOrEqual(5);
    }
  });
}
