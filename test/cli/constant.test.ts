/**
 * Goal: a user is told once that a column which was constant in training has other values now.
 * Method: `fit`, `predict` and `evaluate` on 40 rows that a test writes, in this process.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRng } from "../../src/shared/rng.ts";
import { call } from "./call.ts";

const folder = mkdtempSync(join(tmpdir(), "bailiwick-constant-"));
const bundle = join(folder, "bundle");

function writeRows(name: string, k: (row: number) => number): string {
  const rng = createRng(1);
  const lines = Array.from({ length: 40 }, (_, row) => {
    const a = rng.normal();
    return [a, k(row), 3 * a + 0.1 * rng.normal()].join(",");
  });
  const path = join(folder, name);
  writeFileSync(path, `a,k,y\n${lines.join("\n")}\n`);
  return path;
}

beforeAll(async () => {
  await call(
    "fit",
    "--preset",
    "fast",
    writeRows("train.csv", () => 7),
    "--target",
    "y",
    "--out",
    bundle,
  );
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

test("predict warns of the rows that differ, and predicts as if they did not", async () => {
  const same = await call("predict", bundle, join(folder, "train.csv"));
  const moved = await call(
    "predict",
    bundle,
    writeRows("moved.csv", (row) => (row < 3 ? 8 : 7)),
  );
  expect(same.stderr).toBe("");
  expect(moved.stderr).toBe(
    'warning: column "k" was 7 in all training rows, and 3 of 40 rows have another value, ' +
      "which has no effect\n",
  );
  expect(moved.stdout).toBe(same.stdout);
});

test("evaluate warns too", async () => {
  const { stderr } = await call(
    "evaluate",
    bundle,
    writeRows("far.csv", () => -3),
  );
  expect(stderr).toContain('column "k" was 7 in all training rows, and 40 of 40 rows');
});
