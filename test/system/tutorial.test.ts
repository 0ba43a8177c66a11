/**
 * Goal: the tutorial's commands run as they are written, in their order, and do what it says.
 * Method: each block by a shell in a folder of its own, where npx is the compiled program; the fit
 * has one second, the server a free port.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Command, installCommand } from "../cli/command.ts";
import { type Served, startServed, stop } from "./served.ts";

const PAGE = readFileSync(new URL("../../docs/tutorial.md", import.meta.url), "utf8");
const BLOCKS = [...PAGE.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block!);

let command: Command;
let served: Served | undefined;
beforeAll(() => {
  command = installCommand();
  const bin = join(command.folder, "bin");
  mkdirSync(bin);
  const main = join(command.folder, "dist", "cli", "main.js");
  writeFileSync(join(bin, "npx"), `#!/bin/sh\nshift\nexec "${process.execPath}" "${main}" "$@"\n`);
  chmodSync(join(bin, "npx"), 0o755);
});
afterAll(async () => {
  if (served !== undefined) await stop(served);
  command.remove();
});

/** Runs a block as a shell does, and gives what it wrote. */
function runBlock(block: string): { stdout: string; stderr: string } {
  const port = served === undefined ? "8080" : new URL(served.address).port;
  const text = block
    .replace("--time 10s", "--time 1s")
    .replace("localhost:8080", `localhost:${port}`);
  const { status, stdout, stderr } = spawnSync("sh", ["-ec", text], {
    cwd: command.folder,
    encoding: "utf8",
    env: {
      ...process.env,
      PATH: `${join(command.folder, "bin")}${delimiter}${process.env["PATH"]}`,
    },
  });
  expect({ block, status, stderr }).toMatchObject({ status: 0 });
  return { stdout, stderr };
}

test("every block runs, and the server answers with the updated model", async () => {
  expect(BLOCKS.length).toBeGreaterThan(8);
  const outputs: string[] = [];
  for (const block of BLOCKS) {
    if (block.includes("bailiwick serve ")) {
      served = await startServed([join(command.folder, "prices"), "--port", "0"]);
      continue;
    }
    outputs.push(runBlock(block).stdout);
  }
  const [rows, fitted] = outputs;
  expect(rows).toMatch(/^house,city,zip,beds,baths,sqft,type,price,latitude,longitude\nH0001,/);
  expect(fitted).toMatch(/^expect RMSE [\d,]+ \(R² 0\.\d+\) on new rows like these/);
  expect(fitted).toMatch(/house +category +left out/);
  const all = outputs.join("\n");
  expect(all).toMatch(/\nhouse,city,price,prediction,lower,upper\nH0601,\w+,\d+,\d+,\d+,\d+\n/);
  expect(all).toMatch(/"prediction": \d+, "base value": \d+, "contribution of city": -?\d+/);
  expect(all).toMatch(/"model":"prices","version":"1","predictions":\[\d+/);
  expect(all).toContain("its errors have grown");
  expect(all).toContain("version 2 was made from 1");
}, 900_000);
