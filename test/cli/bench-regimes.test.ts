/**
 * Goal: `bench regimes` shows what was measured, resumes, and names the peers that were missing.
 * Method: the command in this process, resumed where another run had finished, so that nothing
 * is fitted; its streams captured.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { call } from "./call.ts";

const folder = mkdtempSync(join(tmpdir(), "bailiwick-bench-regimes-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
  vi.unstubAllEnvs();
});

const FIT = {
  ari: 0.98,
  nRegimes: 4,
  errors: { all: 2.5, near: 30, away: 1.1, nearShare: 0.05 },
  bandShare: 0.02,
  verdict: "worth it",
  wallSeconds: 12,
  cpuSeconds: 20,
  thresholds: [],
};
const ROW = {
  set: "intervals",
  seed: 7,
  nRows: 500,
  nTrain: 500,
  nTest: 500,
  trueRegimes: 4,
  clean: FIT,
  corrupted: { ...FIT, ari: 0.91, verdict: null },
  accurate: null,
  peers: [
    { name: "parc", ari: 0.5, error: 40, cpuSeconds: 9 },
    { name: "smt-moe", failed: "Singular matrix" },
  ],
};

test("a finished run is shown again, as tables and as figures", async () => {
  vi.stubEnv("BAILIWICK_PYTHON", "/no/such/python");
  // The last line was cut by an interruption.
  writeFileSync(
    join(folder, "rows.jsonl"),
    `{"run":"--rows 500"}\n${JSON.stringify(ROW)}\n{"set": "cur`,
  );
  const flags = ["--seeds", "1", "--seed", "7", "--rows", "500", "--out", folder, "--resume"];
  const { stdout: shown } = await call("bench", "regimes", "--sets", "intervals", ...flags);
  expect(shown).toMatch(
    /^intervals +4 +4 +0\.98 +2\.50 +30\.00 +1\.10 +5\.0 % +2\.0 % +1\/1 +12\.0 +20\.0$/m,
  );
  expect(shown).toMatch(/^intervals +4 +0\.98 → 0\.91 /m);
  expect(shown).toMatch(/^intervals +0\.98 \(2\.50\) +0\.50 \(40\.00\)$/m);
  expect(shown).toMatch(/^regimes\.ari\.intervals +0\.98 ARI +>= 0\.985 +no$/m);
  expect(shown).toMatch(/^peer k-means was missing: .*\/no\/such\/python/m);
  expect(shown).toMatch(/^peer smt-moe failed on intervals, seed 7: Singular matrix$/m);
  const result = JSON.parse(readFileSync(join(folder, "result.json"), "utf8"));
  expect(result).toMatchObject({ bench: "regimes", measurements: { rows: [ROW] } });
  expect(result.command).toBe(
    "bailiwick bench regimes --sets intervals --seeds 1 --seed 7 --rows 500",
  );
}, 30_000);

test("sets that a run with --member finished are shown again, and nothing is fitted", async () => {
  const row = {
    set: "nodata",
    nTrain: 96,
    error: 0.5,
    withRegimes: 0.4,
    weight: 0.3,
    cpuSeconds: 7,
  };
  const log = join(folder, "members.jsonl");
  const lines = `{"run":"--seed 1 --rows 500"}\n${JSON.stringify(row)}\n`;
  writeFileSync(log, `${lines}{"set": "cur`);
  const flags = ["--member", "--sets", "nodata", "--out", folder, "--resume"];
  const { stdout } = await call("bench", "regimes", ...flags, "--rows", "500");
  expect(stdout).toMatch(/^nodata +96 +0\.5000 +0\.4000 +0\.800 +0\.30 +7$/m);
  expect(readFileSync(log, "utf8")).toBe(lines);
  const other = call("bench", "regimes", ...flags, "--rows", "600");
  await expect(other).rejects.toThrow(
    /must be of a run with --seed 1 --rows 600, .* begins with .*--rows 500/,
  );
}, 30_000);
