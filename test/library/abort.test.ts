/**
 * Goal: an abort stops a fit wherever it is, and nothing is left of it; a program that never closes
 * anything ends by itself.
 * Method: fits that are aborted before they start, at their first progress and by a timer, on
 * threads and on one; and programs as processes of their own, which must end.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type DataTable, fit, openTable, runExperiment } from "../../src/index.ts";
import { csvOf, drawFlats } from "./prices.ts";

const folder = mkdtempSync(join(tmpdir(), "bailiwick-abort-"));
let table: DataTable;
beforeAll(async () => {
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(inject("compiled"), join(folder, "node_modules", "bailiwick"));
  writeFileSync(join(folder, "prices.csv"), csvOf(drawFlats(400, 1)));
  table = await openTable(join(folder, "prices.csv"), { target: "price" });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Training that would take minutes. */
const LONG = { preset: "fast", tuning: { steps: [1_000_000], extendTo: 1_000_000 } } as const;

/** The same after a short beginning, so that there is progress to report. */
const LATER = { preset: "fast", tuning: { steps: [50, 1_000_000], extendTo: 1_000_000 } } as const;

describe.each([1, 2])("on %i threads", (threads) => {
  test("a signal that is aborted before refuses at once, with its reason", async () => {
    const signal = AbortSignal.abort(new Error("not today"));
    await expect(fit(table, { ...LONG, threads, signal })).rejects.toThrow("not today");
  });

  test("an abort by a timer stops nets in training", async () => {
    const signal = AbortSignal.timeout(300);
    const fitting = fit(table, { ...LONG, threads, signal });
    await expect(fitting).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("an abort at the first progress stops the fit", async () => {
    const stop = new AbortController();
    const onProgress = (): void => stop.abort();
    const fitting = fit(table, { ...LATER, threads, onProgress, signal: stop.signal });
    await expect(fitting).rejects.toMatchObject({ name: "AbortError" });
  });
});

test("an experiment is stopped like a fit", async () => {
  const config = { name: "a", data: "prices.csv", target: "price", ...LONG };
  const settings = { baseFolder: folder, signal: AbortSignal.timeout(300) };
  await expect(runExperiment(config, settings)).rejects.toMatchObject({ name: "TimeoutError" });
});

test("an error of the caller's progress ends the fit with that error", async () => {
  const onProgress = (): void => {
    throw new Error("the caller's own");
  };
  await expect(fit(table, { ...LATER, onProgress })).rejects.toThrow("the caller's own");
});

test.each([
  [
    "after an abort",
    `const stop = new AbortController();
const long = ${JSON.stringify(LATER)};
const fitting = fit(table, { ...long, signal: stop.signal, onProgress: () => stop.abort() });
await fitting.catch((error) => console.log(error.name));
setTimeout(() => console.log(process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort/.test(name)).length), 50);`,
    "AbortError\n0\n",
  ],
  [
    "after a fit and a prediction",
    `const quick = { preset: "fast", tuning: { steps: [100], extendTo: 100 }, experts: 1, threads: 2 };
const { values } = await predict(await fit(table, quick), "prices.csv");
console.log(values.length);`,
    "400\n",
  ],
])(
  "a program ends by itself %s and leaves no file",
  (_name, code, output) => {
    const imports = 'import { fit, openTable, predict } from "bailiwick";';
    const open = 'const table = await openTable("prices.csv", { target: "price" });';
    writeFileSync(join(folder, "program.mjs"), [imports, open, code].join("\n"));
    const before = readdirSync(folder);
    const { status, stdout, stderr } = spawnSync(process.execPath, ["program.mjs"], {
      cwd: folder,
      encoding: "utf8",
      timeout: 110_000,
    });
    expect(stderr).toBe("");
    expect(stdout).toBe(output);
    expect(status).toBe(0);
    expect(readdirSync(folder)).toEqual(before);
  },
  120_000,
);
