/**
 * Goal: data under a name without an ending, as stdin is, is read by its bytes.
 * Method: one table in each format, and bytes that are none.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { tableFromArrays, tableToIPC } from "@uwdata/flechette";
import { afterAll, describe, expect, test } from "vitest";
import { readTable } from "../../src/data/reading/read-table.ts";

const folder = mkdtempSync(join(tmpdir(), "bailiwick-stdin-"));
afterAll(() => rmSync(folder, { recursive: true }));

const CSV = "a,b\n1,x\n2,y\n";
const COLUMNS = { a: [1, 2], b: ["x", "y"] };
const ROWS = [
  { a: 1, b: "x" },
  { a: 2, b: "y" },
];
const LINES = ROWS.map((row) => JSON.stringify(row)).join("\n");
const ARROW = tableFromArrays(COLUMNS);

describe("a name without an ending leaves the format to the bytes:", () => {
  test.each([
    ["CSV", CSV],
    ["CSV with a byte order mark, in UTF-16", Buffer.from(`\uFEFF${CSV}`, "utf16le")],
    ["TSV", CSV.replaceAll(",", "\t")],
    ["gzipped CSV", gzipSync(CSV)],
    ["an array of rows", JSON.stringify(ROWS, null, 2)],
    ["an array of rows in UTF-16", Buffer.from(JSON.stringify(ROWS), "utf16le")],
    ["an object of columns", JSON.stringify(COLUMNS)],
    ["an object of columns over several lines", JSON.stringify(COLUMNS, null, 2)],
    ["JSON lines", LINES],
    ["gzipped JSON lines behind a blank line", gzipSync(`\n${LINES}\n`)],
    ["an Arrow file", tableToIPC(ARROW, { format: "file" })],
    ["an Arrow stream", tableToIPC(ARROW, { format: "stream" })],
  ] as const)("%s", async (_what, content) => {
    const path = join(folder, "table");
    writeFileSync(path, content ?? "");
    const { table } = await readTable(path);
    expect(table.columns.map(({ name, values }) => [name, Array.from<unknown>(values)])).toEqual([
      ["a", [1, 2]],
      ["b", ["x", "y"]],
    ]);
  });

  test("Parquet", async () => {
    const path = join(folder, "rows");
    const file = new URL("parquet/none.parquet", import.meta.url);
    writeFileSync(path, readFileSync(file));
    expect((await readTable(path)).table).toEqual((await readTable(file.pathname)).table);
  });

  test.each([
    ["a workbook", Buffer.from("504b0304140006000800", "hex"), "a zip archive or a workbook"],
    ["a picture", Buffer.from("89504e470d0a1a0a0000000d", "hex"), "control character"],
    ["nothing", "", "must not be empty"],
    ["half an Arrow file", Buffer.from("4152524f57310000ff", "hex"), "this one is cut"],
  ])("%s is refused", async (_what, content, message) => {
    const path = join(folder, "table");
    writeFileSync(path, content);
    await expect(readTable(path)).rejects.toThrow(message);
  });
});
