/**
 * Goal: a person's whole first hour works on stdin.
 * Method: the compiled program, with a messy export piped to each command that reads data.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Command, installCommand } from "../cli/command.ts";
import { MESSY_FILES } from "../data/messy/files.ts";

const { messy } = MESSY_FILES.find(({ trait }) => trait === "semicolons and decimal commas")!;
const QUICK = ["--target", "y", "--time", "1s", "--no-report"];

let command: Command;
beforeAll(() => {
  command = installCommand();
});
afterAll(() => command.remove());

test("fit, predict, evaluate and update read a messy file from stdin", async () => {
  const fitted = await command.pipe(messy, "fit", "-", ...QUICK, "--out", "model");
  expect(fitted.stderr).toContain("wrote model");
  expect(fitted).toMatchObject({ code: 0, stdout: expect.stringContaining("expect RMSE") });
  const facts = JSON.parse((await command.run("inspect", "model", "--json")).stdout);
  expect(facts.provenance.dataName).toBe("stdin");

  writeFileSync(join(command.folder, "rows.csv"), messy);
  const predicted = await command.pipe(messy, "predict", "model", "-");
  expect(predicted.stdout.trim().split("\n")).toHaveLength(151);
  expect(predicted).toEqual(await command.run("predict", "model", "rows.csv"));
  const measured = await command.pipe(messy, "evaluate", "model", "-");
  expect(measured.stderr).toContain("the model was trained on these rows");
  expect(measured).toEqual(await command.run("evaluate", "model", "rows.csv"));
  const plan = await command.pipe(messy, "update", "model", "-", "--plan");
  expect(plan).toEqual(await command.run("update", "model", "rows.csv", "--plan"));
}, 120_000);

test("what is no table is refused under the name stdin, and nothing is written", async () => {
  for (const [input, message] of [
    ["", "stdin: a data file must not be empty"],
    [Buffer.from("504b030414", "hex"), "stdin: a data file must be CSV"],
    ["a,b\n1,2\n3\n", "stdin: every row must have"],
  ] as const) {
    const { code, stderr } = await command.pipe(input, "fit", "-", ...QUICK, "--out", "none");
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  }
  expect((await command.run("inspect", "none")).stderr).toContain("none");
}, 60_000);
