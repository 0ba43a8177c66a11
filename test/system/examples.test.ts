/**
 * Goal: every example of the library's reference runs as it is written.
 * Method: the `@example` blocks of the docstrings, each in a folder of its own with a few files and
 * a bundle, imported one after the other in a process of their own; that process must end by
 * itself.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { fit as fitTable, openTable, save } from "../../src/index.ts";
import { readEntries } from "../library/exports.ts";
import { csvOf, drawFlats, QUICK } from "../library/prices.ts";

const RUNNER = `
import { readdirSync } from "node:fs";
const files = readdirSync(".").filter((name) => name.endsWith(".mjs") && name !== "run.mjs");
for (const file of files.sort()) {
  process.chdir(new URL(file.replace(".mjs", ""), import.meta.url).pathname);
  try {
    await import(new URL(file, import.meta.url));
  } catch (error) {
    console.error(file + " failed: " + error.message);
    process.exitCode = 1;
  }
}
`;

const folder = mkdtempSync(join(tmpdir(), "bailiwick-examples-"));
afterAll(() => rmSync(folder, { recursive: true }));

const entries = readEntries(["src/index.ts", "src/library/engine.ts"]);
const examples = [...entries.values()]
  .flatMap(({ exports }) => exports)
  .flatMap(({ name, tags }) =>
    tags
      .filter((tag) => tag.name === "example")
      .map((tag) => ({ name, code: /```ts\n([\s\S]*?)```/.exec(tag.text)?.[1] })),
  );

beforeAll(async () => {
  const start = join(folder, "start");
  mkdirSync(join(start, "out"), { recursive: true });
  writeFileSync(join(start, "prices.csv"), csvOf(drawFlats(120, 1)));
  writeFileSync(join(start, "new-prices.csv"), csvOf(drawFlats(60, 2)));
  writeFileSync(join(start, "changed-prices.csv"), csvOf(drawFlats(120, 3, 4000)));
  // Rows are known by their id, which is no feature.
  const reading = { target: "price", drop: ["id"], keepTexts: true };
  const table = await openTable(join(start, "prices.csv"), reading);
  const model = await fitTable(table, { ...QUICK, experts: 2, keepRows: true });
  await save(model, join(start, "out", "prices"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(inject("compiled"), join(folder, "node_modules", "bailiwick"));
  writeFileSync(join(folder, "run.mjs"), RUNNER);
  for (const { name, code } of examples) {
    cpSync(start, join(folder, name), { recursive: true });
    writeFileSync(join(folder, `${name}.mjs`), code!);
  }
}, 180_000);

test("the examples run, say something, and leave nothing that keeps the process", () => {
  expect(examples.length).toBeGreaterThan(14);
  const { status, stdout, stderr } = spawnSync(process.execPath, ["run.mjs"], {
    cwd: folder,
    encoding: "utf8",
    timeout: 170_000,
  });
  expect(stderr.split("\n").filter((line) => line.includes("failed"))).toEqual([]);
  expect(status).toBe(0);
  expect(stdout.trim().split("\n").length).toBeGreaterThan(examples.length / 2);
  expect(stdout).not.toMatch(/undefined|NaN/);
}, 180_000);
