/**
 * Goal: a messy file needs no other flag than its target.
 * Method: files, and the twins that a person made of them; each is fitted to its first rows
 * with the same quick settings, and measured on its last. Errors differ by a tenth at most.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { takeTableRows } from "../../../src/data/index.ts";
import { type DataTable, fit as fitTable, openTable, predict } from "../../../src/library/index.ts";
import { MESSY_FILES } from "./files.ts";

const folder = mkdtempSync(join(tmpdir(), "bailiwick-messy-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Rows that are held out, as a share. */
const HELD_OUT = 0.25;

function part(table: DataTable, rows: readonly number[]): DataTable {
  return { ...table, table: takeTableRows(table.table, rows) };
}

/** @param inUnits - Of a target; the error is measured behind it. */
async function heldOutError(
  name: string,
  content: Uint8Array | string,
  inUnits: (y: number) => number,
): Promise<number> {
  const path = join(folder, name);
  writeFileSync(path, content);
  const table = await openTable(path, { target: "y" });
  const rows = Array.from({ length: table.table.nRows }, (_, i) => i);
  const isHeldOut = (i: number): boolean => (i * 7919) % 100 < 100 * HELD_OUT;
  const settings = {
    preset: "fast",
    experts: 1,
    tuning: { steps: [400], extendTo: 400 },
    threads: 1,
  } as const;
  const seen = rows.filter((i) => !isHeldOut(i));
  const model = await fitTable(part(table, seen), settings);
  const unseen = part(table, rows.filter(isHeldOut));
  const { values } = await predict(model, unseen);
  const y = unseen.table.columns.find((column) => column.name === "y")!;
  const squares = values
    .map((value, i) => (inUnits(value) - inUnits(Number(y.values[i]))) ** 2)
    .filter((square) => !Number.isNaN(square));
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
}

const itself = (y: number): number => y;

describe("a file is fitted as well as its twin", () => {
  test.each(MESSY_FILES)("with $trait", async ({ messy, clean, inUnits = itself }) => {
    const ours = await heldOutError("messy.csv", messy, itself);
    const theirs = await heldOutError("clean.csv", clean, inUnits);
    expect(ours / theirs).toBeLessThanOrEqual(1.1);
  });
});
