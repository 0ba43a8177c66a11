/**
 * Goal: --quiet and --verbose mean the same for every command.
 * Method: the options of all commands; the program in this process on a set of few rows.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { afterAll, expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { call } from "./call.ts";

const folder = mkdtempSync(join(tmpdir(), "bailiwick-verbosity-"));
afterAll(() => rmSync(folder, { recursive: true }));
const rows = Array.from({ length: 40 }, (_, i) => `${i},${(i * 7) % 5},${i + ((i * 7) % 5)}`);
const data = join(folder, "rows.csv");
writeFileSync(data, `a,b,y\n${rows.join("\n")}\n41,1,\n`);

function leavesOf(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}

test("every command has both, and takes one of them", async () => {
  const commands = leavesOf(await createProgram());
  expect(commands.length).toBeGreaterThan(20);
  for (const command of commands) {
    expect(command.options.map(({ flags }) => flags)).toEqual(
      expect.arrayContaining(["-v, --verbose", "--quiet"]),
    );
  }
  await expect(call("data", "list", "--quiet", "-v")).rejects.toThrow("cannot be used with");
});

test("a server's log has the level that they say, unless --log-level says another", async () => {
  const serve = (await createProgram()).commands.find((command) => command.name() === "serve")!;
  const levelOf = async (...args: string[]): Promise<unknown> => {
    let level: unknown;
    const program = await createProgram();
    const command = program.commands.find((one) => one.name() === serve.name())!;
    command.action((_bundles, flags) => {
      level = flags.logLevel;
    });
    await program.parseAsync(["node", "bailiwick", "serve", "models/concrete", ...args]);
    return level;
  };
  expect(await levelOf()).toBe("info");
  expect(await levelOf("--quiet")).toBe("error");
  expect(await levelOf("-v", "--log-level", "warn")).toBe("warn");
});

test("a fit says its settings and times with -v, and nothing on stderr with --quiet", async () => {
  const fit = ["fit", data, "--target", "y", "--time", "1s", "--no-report"];
  const told = await call(...fit, "--out", join(folder, "told"), "-v");
  expect(told.stderr).toMatch(/^bailiwick \d+\.\d+\.\d+, Node v\d+\.\S+, \w+ \w+, \d+ cores?\n/);
  expect(told.stderr).toMatch(/^read rows\.csv: 41 rows, 3 columns, sha256 [0-9a-f]{12}$/m);
  expect(told.stderr).toMatch(/^\d+\.\d\d s \(\+\d+\.\d\d s\) quick model: tuning \d+ steps$/m);
  expect(told.stderr).toMatch(/^\d+ \* +0\.\d+ +0\.\d+ +[\d.e-]+$/m);
  expect(told.stderr).toContain("warning: 1 rows without a target were left out");
  expect(told.stderr).toMatch(/^took \d+\.\d\d s, at most [\d,]+ MB$/m);
  const quiet = await call(...fit, "--out", join(folder, "quiet"), "--quiet");
  expect(quiet.stderr).toBe("");
  expect(quiet.stdout).toBe(told.stdout);
  const usual = await call("predict", join(folder, "told"), data, "--out", join(folder, "p.csv"));
  expect(usual.stderr).toMatch(/^wrote 41 predictions/);
  const silent = await call("evaluate", join(folder, "told"), data, "--quiet");
  expect(silent).toMatchObject({ stderr: "", stdout: expect.stringContaining("40 rows: rmse") });
}, 60_000);
