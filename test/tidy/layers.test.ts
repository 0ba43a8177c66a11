/**
 * Goal: src keeps its layers.
 * Method: run dependency-cruiser, then also compare the number of files it read with the
 * number on disk, because under TypeScript 7 it reads none and reports success; and hold that every
 * folder has a rule.
 */
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { cruise, type ICruiseResult } from "dependency-cruiser";
import { expect, test } from "vitest";

const { forbidden, options } = createRequire(import.meta.url)("../layers.cjs");

test("src keeps its layers", { timeout: 60_000 }, async () => {
  const { output } = await cruise(["src"], { ...options, ruleSet: { forbidden }, validate: true });
  const { modules, summary } = output as ICruiseResult;
  expect(summary.violations).toEqual([]);
  const onDisk = readdirSync("src", { recursive: true })
    .map(String)
    .filter((file) => file.endsWith(".ts") && !file.startsWith("kernel/assembly"));
  expect(modules.filter(({ source }) => /^src\/.*[.]ts$/.test(source))).toHaveLength(onDisk.length);
});

test("every folder of src is one that the rules name", () => {
  const named = new Set(
    forbidden
      .map(({ name }: { name: string }) => name)
      .filter((name: string) => name.startsWith("layer-"))
      .map((name: string) => name.slice("layer-".length)),
  );
  const below = (folder: string) =>
    readdirSync(`src/${folder}`, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => (folder === "" ? name : `${folder}/${name}`));
  const folders = below("").flatMap((folder) => (folder === "cluster" ? below(folder) : [folder]));
  expect(folders.filter((folder) => !named.has(folder))).toEqual([]);
});

test("src has at most 20 entries", () => {
  expect(readdirSync("src").length).toBeLessThanOrEqual(20);
});
