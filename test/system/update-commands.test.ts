/**
 * Goal: the commands update, forget and rollback do what their help says, and tell it.
 * Method: the compiled program on a bundle of a generated set that keeps its rows.
 */
import { appendFileSync, cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { countRows, openStore, storeFolder } from "../../src/update/store/index.ts";
import { type Command, installCommand } from "../cli/command.ts";
import { knownBundle, writeCsv } from "../update/bundles.ts";
import { type Drift, rowsOf } from "../update/streams.ts";

const shifted: Drift = (regime, [x]) => (regime === 1 ? 1.5 + Math.sin(2 * x!) : 0);
let command: Command;

beforeAll(async () => {
  command = installCommand();
  const { folder } = await knownBundle("intervals", { nRows: 800, seed: 1 });
  for (const name of ["model", "other", "third"]) {
    cpSync(folder, join(command.folder, name), { recursive: true });
    cpSync(storeFolder(folder), join(command.folder, `${name}.store`), { recursive: true });
  }
  const rows = rowsOf("intervals", { nRows: 400, seed: 7, drift: shifted });
  writeCsv(join(command.folder, "new.csv"), rows);
}, 60_000);
afterAll(() => command.remove());

test("update --plan says why; update does it; rollback undoes it", async () => {
  const plan = await command.run("update", "model", "new.csv", "--plan");
  expect(plan).toMatchObject({ code: 0 });
  expect(plan.stdout).toMatch(/m0\.e1 +retrain/);
  const updated = await command.run("update", "model", "new.csv", "--json");
  expect(updated).toMatchObject({ code: 0, stderr: "" });
  const report = JSON.parse(updated.stdout);
  expect(report).toMatchObject({ versionBefore: 1, version: 2 });
  expect(report.affected).toHaveLength(1);
  expect(report.unaffected).toHaveLength(3);
  expect(report.change.maxChange).toBe(0);
  const inspected = await command.run("inspect", "model", "--json");
  expect(JSON.parse(inspected.stdout).update.fromVersion).toBe(1);
  const back = await command.run("rollback", "model");
  expect(back).toMatchObject({ code: 0, stdout: "version 1 is served again, in place of 2\n" });
  const none = await command.run("rollback", "model");
  expect(none).toMatchObject({ code: 1 });
  expect(none.stderr).toMatch(/^error \[INVALID_OPTION\]/);
}, 60_000);

test("a batch that the guard refuses ends with an error that says what to do", async () => {
  const lines = readFileSync(join(command.folder, "new.csv"), "utf8").trim().split("\n");
  const still = lines.map((line, i) => (i === 0 ? line : line.replace(/[^,]*$/, "1.5")));
  writeFileSync(join(command.folder, "still.csv"), `${still.join("\n")}\n`);
  for (const flags of [["--plan"], [], ["--follow", "--until-idle", "1"]]) {
    const { code, stdout, stderr } = await command.run("update", "third", "still.csv", ...flags);
    expect(code).toBe(1);
    expect(stderr).toMatch(/error \[BATCH_REFUSED\] .*target "y".*hold the value 1.5/);
    expect(stderr).toMatch(/correct the rows and update again or, if they are right, fit again/);
    expect(stdout).not.toBe("");
  }
  expect(readFileSync(join(command.folder, "third/CURRENT"), "utf8")).toBe("1\n");
}, 60_000);

test("update --out leaves the bundle alone", async () => {
  const updated = await command.run("update", "other", "new.csv", "--out", "copy");
  expect(updated).toMatchObject({ code: 0 });
  expect(updated.stdout).toMatch(/version 2 was made from 1/);
  expect(readFileSync(join(command.folder, "other/CURRENT"), "utf8")).toBe("1\n");
  expect(readFileSync(join(command.folder, "copy/CURRENT"), "utf8")).toBe("2\n");
}, 60_000);

test("forget says what it changed, by hashes", async () => {
  const forgot = await command.run("forget", "other", "--key", "plant=P3", "--json");
  expect(forgot).toMatchObject({ code: 0 });
  expect(JSON.parse(forgot.stdout)).toMatchObject({ nForgotten: 20, version: 2 });
  const wrong = await command.run("forget", "other", "--key", "plant");
  expect(wrong).toMatchObject({ code: 1 });
  expect(wrong.stderr).toMatch(/^error \[INVALID_OPTION\] --key must read COLUMN=VALUE/);
}, 60_000);

test("update --follow learns from a file that grows", async () => {
  const lines = readFileSync(join(command.folder, "new.csv"), "utf8").split("\n");
  const path = join(command.folder, "growing.csv");
  const store = storeFolder(join(command.folder, "third"));
  const nStored = async (): Promise<number> =>
    countRows(await openStore(store)).reduce((sum, count) => sum + count, 0);
  const nBefore = await nStored();
  // A batch of 200 rows, and half a line, which is no row yet.
  appendFileSync(path, `${lines.slice(0, 201).join("\n")}\n${lines[201]!.slice(0, 4)}`);
  const following = command.run("update", "third", "growing.csv", "--follow", "--until-idle", "5");
  const isRead = async (): Promise<void> => expect(await nStored()).toBe(nBefore + 200);
  await vi.waitFor(isRead, { timeout: 50_000 });
  appendFileSync(path, `${lines[201]!.slice(4)}\n${lines.slice(202).join("\n")}`);
  const { code, stdout, stderr } = await following;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^400 rows in \d+ batches, \d+ updates/);
  expect(stderr).toMatch(/m0\.e1 retrain/);
}, 60_000);
