/**
 * Goal: tools that others wrote to check an API and its metrics find nothing.
 * Method: schemathesis makes requests from /openapi.json, right and wrong ones, and compares the
 * answers with it; promtool reads /metrics.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findPromtool } from "./promtool.ts";
import { pythonWith } from "./python.ts";
import { MODEL, ROW, type Served, startServed, stop } from "./served.ts";

const VERSION = "4.32.5";
const CASES = 2000;

/** By default a request that is refused for its size does not count as refused. */
const CONFIG = `
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 408, 413, 415, 421, 422]
`;

let served: Served;
beforeAll(async () => {
  served = await startServed([MODEL, "--port", "0"]);
});
afterAll(() => stop(served));

test(`schemathesis: ${CASES} cases from /openapi.json, no finding`, {
  timeout: 900_000,
}, async () => {
  const python = pythonWith(`schemathesis-${VERSION}`, [`schemathesis==${VERSION}`]);
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-schemathesis-"));
  const options = [
    ["--seed", "1"],
    ["--max-examples", "260"],
    ["--phases", "examples,coverage,fuzzing"],
    ["--checks", "all"],
    // A description that holds for every model cannot say which columns one model has: a request
    // may fit it and still be refused.
    ["--exclude-checks", "positive_data_acceptance"],
    ["--suppress-health-check", "all"],
    ["--generation-database", "none"],
    ["--continue-on-failure", "--no-color"],
  ].flat();
  writeFileSync(join(folder, "schemathesis.toml"), CONFIG);
  const run = ["-m", "schemathesis.cli", "run", `${served.address}/openapi.json`];
  const child = spawn(python, [...run, ...options], { cwd: folder });
  let said = "";
  child.stdout.on("data", (chunk) => {
    said += String(chunk);
  });
  const [exit] = await once(child, "close");
  rmSync(folder, { recursive: true });
  const [, generated, rest] = /(\d+) generated, (.*)/.exec(said) ?? [];
  expect([exit, rest], said.slice(-8000)).toEqual([0, `${generated} passed`]);
  expect(Number(generated)).toBeGreaterThanOrEqual(CASES);
});

test("promtool: no problem with the metrics of a server that has answered", async () => {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ rows: [ROW], explain: true });
  await fetch(`${served.address}/v1/predict`, { method: "POST", headers, body });
  const input = await (await fetch(`${served.address}/metrics`)).text();
  const { status, stdout, stderr } = spawnSync(findPromtool(), ["check", "metrics"], { input });
  expect([status, String(stdout), String(stderr)]).toEqual([0, "", ""]);
});
