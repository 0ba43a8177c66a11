/**
 * Goal: src keeps its layers.
 * Method: run dependency-cruiser, then also compare the number of files it read with the
 * number on disk, because under TypeScript 7 it reads none and reports success.
 */
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { cruise, type ICruiseResult } from "dependency-cruiser";
import { expect, test } from "vitest";

test("src keeps its layers", { timeout: 60_000 }, async () => {
  const { forbidden, options } = createRequire(import.meta.url)("../layers.cjs");
  const { output } = await cruise(["src"], { ...options, ruleSet: { forbidden }, validate: true });
  const { modules, summary } = output as ICruiseResult;
  expect(summary.violations).toEqual([]);
  const onDisk = readdirSync("src", { recursive: true })
    .map(String)
    .filter((file) => file.endsWith(".ts") && !file.startsWith("kernel/assembly"));
  expect(modules.filter(({ source }) => /^src\/.*[.]ts$/.test(source))).toHaveLength(onDisk.length);
});
