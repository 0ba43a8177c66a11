/**
 * Goal: a small file that stands for a huge table is refused by the limit's name before memory runs
 * out.
 * Method: files that unpack or multiply to more cells, columns or characters than are allowed.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { parseTable, readTable, tableFromRecords } from "../../src/data/index.ts";

const folder = mkdtempSync(join(tmpdir(), "bailiwick-limits-"));
afterAll(() => rmSync(folder, { recursive: true }));

const code = "DATA_TOO_LARGE";

describe("refused by the limit's name", () => {
  test("a packed CSV of more cells than fit into memory", async () => {
    const path = join(folder, "cells.csv.gz");
    const names = Array.from({ length: 20 }, (_, j) => `x${j}`);
    const row = `${names.map(() => 1).join()}\n`;
    writeFileSync(path, gzipSync(`${names}\n${row.repeat(1_010_000)}`, { level: 1 }));
    const message =
      "cells.csv.gz: a data file must have at most 20000000 cells, got 1010000 rows of 20 columns";
    await expect(readTable(path)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  test("JSON rows that each have a different key", () => {
    const rows = Array.from({ length: 40_000 }, (_, i) => `{"k${i}":1}`);
    for (const [text, format] of [
      [`[${rows}]`, "json"],
      [rows.join("\n"), "jsonl"],
    ] as const) {
      expect(() => parseTable(Buffer.from(text), format)).toThrow(
        "at most 20000000 cells, got 40000 rows of 40000 columns",
      );
    }
  });

  test("a header of more columns than are allowed", () => {
    const names = Array.from({ length: 100_001 }, (_, i) => i).join(",");
    const text = `${names}\n${",".repeat(100_000)}\n`;
    expect(() => parseTable(Buffer.from(text), "csv")).toThrow(
      "at most 100000 columns, got 100001",
    );
  });

  test("a cell of more characters than are allowed, unless its column is not read", () => {
    const text = Buffer.from(`a,b\n1,${"7".repeat(80_000)}x\n`);
    const message = 'column "b" must have at most 10000 characters in a cell, line 2 has 80001';
    expect(() => parseTable(text, "csv")).toThrow(message);
    expect(() => parseTable(text, "csv")).toThrow(expect.objectContaining({ code }));
    expect(parseTable(text, "csv", { drop: ["b"] }).columns).toHaveLength(1);
    const target = { name: "t", mean: 0, scale: 1, least: 0, most: 1 };
    const feature = {
      type: "number",
      name: "b",
      median: 0,
      mean: 0,
      scale: 1,
      indicator: false,
    } as const;
    const rows = [{ b: `${"7".repeat(80_000)}x` }];
    expect(() => tableFromRecords(rows, { features: [feature], target })).toThrow(
      "row 1 has 80001",
    );
  });
});
