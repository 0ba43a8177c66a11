/**
 * Goal: the commands of the README's section "Use" run as they are written, in their order.
 * Method: its lines with the compiled program in a folder of their own; the first fit gets a limit of
 * time, one with a preset runs without it, and one of the same data is not repeated. Then its request, by curl.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Command, installCommand } from "../cli/command.ts";
import { startServed, stop } from "./served.ts";

const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const [, USE = ""] = /## Use\n([\s\S]*?)\n## /.exec(README) ?? [];
const [COMMANDS = "", REQUEST = ""] = [...USE.matchAll(/```sh\n([\s\S]*?)```/g)].map(
  ([, block]) => block!,
);
/** The words of each command, without its comment. */
const LINES = COMMANDS.trim()
  .split("\n")
  .map((line) => line.split("#")[0]!.trim().split(/\s+/));

let command: Command;
beforeAll(() => {
  command = installCommand();
});
afterAll(() => command.remove());

test("every command runs in the order of the page", async () => {
  expect(LINES.length).toBeGreaterThan(10);
  const rows = gunzipSync(readFileSync(new URL("../../datasets/concrete.csv.gz", import.meta.url)));
  writeFileSync(join(command.folder, "new-rows.csv"), rows);
  for (const [npx, program, ...args] of LINES) {
    expect([npx, program]).toEqual(["npx", "bailiwick"]);
    const [verb] = args;
    if (verb === "serve" || args.includes("fast")) continue;
    const preset = args.indexOf("--preset");
    const time = verb === "fit" ? ["--time", "1s"] : [];
    const withoutPreset = preset < 0 ? args : args.toSpliced(preset, 2);
    const { code, stderr } = await command.run(...withoutPreset, ...time);
    expect({ args, code, stderr }).toMatchObject({ code: 0 });
  }
}, 240_000);

test("its request is answered by what its command serves", async () => {
  const [, , , ...args] = LINES.find((words) => words.includes("serve"))!;
  const port = args.indexOf("--port");
  const served = await startServed(args.with(port + 1, "0"));
  try {
    const { port: bound } = new URL(served.address);
    const line = REQUEST.replace("localhost:8080", `localhost:${bound}`);
    const { stdout } = spawnSync("sh", ["-c", line], { encoding: "utf8" });
    expect(JSON.parse(stdout)).toMatchObject({
      model: "concrete",
      predictions: [expect.any(Number)],
      routes: [{ members: [expect.objectContaining({ weight: 1 })] }],
    });
  } finally {
    await stop(served);
  }
}, 60_000);
