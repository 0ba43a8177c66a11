/**
 * Goal: `fit` does what its configuration says, as the documentation shows it.
 * Method: the file and the commands of docs/config.md as they are written, with the compiled
 * program; then options that win over entries, and files that are refused before a fit.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Command, installCommand } from "../cli/command.ts";

const PAGE = readFileSync(new URL("../../docs/config.md", import.meta.url), "utf8");
const [, DOCUMENT = ""] = /```json\n([\s\S]*?)```/.exec(PAGE) ?? [];
const [, COMMANDS = ""] = /```sh\n([\s\S]*?)```/.exec(PAGE) ?? [];

let command: Command;
beforeAll(() => {
  command = installCommand();
  writeFileSync(join(command.folder, "fit.json"), DOCUMENT);
});
afterAll(() => command.remove());

const inspect = async (bundle: string): Promise<Record<string, unknown>> =>
  JSON.parse((await command.run("inspect", bundle, "--json")).stdout);

test("the documented file and commands fit the model that they name", async () => {
  const lines = COMMANDS.trim().split("\n");
  expect(lines).toHaveLength(2);
  for (const line of lines) {
    const [program, ...args] = line.split(" ");
    expect(program).toBe("bailiwick");
    expect(await command.run(...args)).toMatchObject({ code: 0 });
  }
  const [first, second] = [await inspect("out/strength"), await inspect("out/other")];
  expect(first).toMatchObject({ provenance: { dataName: "concrete", preset: "fast", seed: 1 } });
  expect(second).toMatchObject({ provenance: { preset: "fast", seed: 2 } });
  const { stdout } = await command.run("inspect", "out/strength");
  expect(stdout).toContain("predicts compressive_strength from 7 columns");
}, 120_000);

test("options and a data file on the command line win; a path is relative to the file", async () => {
  mkdirSync(join(command.folder, "settings"));
  const rows = Array.from({ length: 40 }, (_, i) => `${i};${(i * 7) % 11};${2 * i + 1},5`);
  writeFileSync(join(command.folder, "settings", "a.csv"), `a;b;y\n${rows.join("\n")}\n`);
  writeFileSync(join(command.folder, "b.csv"), `a;b;z\n${rows.join("\n")}\n`);
  const settings = { data: "a.csv", target: "y", preset: "fast", experts: [1] };
  const quick = { ...settings, tuning: { steps: [50], extendTo: 50 } };
  writeFileSync(join(command.folder, "settings", "fit.json"), JSON.stringify(quick));
  const fit = ["fit", "--config", "settings/fit.json", "--no-report"];
  expect(await command.run(...fit, "--out", "a")).toMatchObject({ code: 0 });
  expect(await inspect("a")).toMatchObject({ provenance: { dataName: "a.csv" } });
  const other = [...fit.slice(1), "--target", "z", "--drop", "b", "--out", "b"];
  expect(await command.run("fit", "b.csv", ...other)).toMatchObject({ code: 0 });
  expect((await command.run("inspect", "b")).stdout).toContain("predicts z from 1 column");
}, 120_000);

test("a wrong file and missing data are refused in one line, before anything is written", async () => {
  writeFileSync(join(command.folder, "wrong.json"), '{"data": "concrete", "pre-set": "fast"}');
  writeFileSync(join(command.folder, "cut.json"), '{"data": ');
  for (const [args, message] of [
    [["--config", "wrong.json"], /\[CONFIG_INVALID\] .*"pre-set", did you mean "preset"\?/],
    [["--config", "cut.json"], /\[CONFIG_INVALID\] cut.json must be JSON/],
    [["--config", "none.json"], /\[FILE_NOT_FOUND\] none.json must exist/],
    [[], /the data must be given: bailiwick fit data.csv --target NAME/],
  ] as const) {
    const { code, stderr, stdout } = await command.run("fit", ...args, "--out", "none");
    expect(code).toBe(1);
    expect(stderr.trim().split("\n")).toEqual([expect.stringMatching(message)]);
    expect(stdout).toBe("");
  }
});
