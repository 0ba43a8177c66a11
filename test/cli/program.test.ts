/**
 * Goal: what the commands write, where, and how errors become exit codes.
 * Method: the program in this process, its streams captured; few steps on small sets.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { CommanderError } from "commander";
import { afterAll, describe, expect, test, vi } from "vitest";
import type { AccuracyMeasurements, BenchDocument } from "../../src/benches/index.ts";
import { createProgressBar } from "../../src/cli/progress-bar.ts";
import { exitCodeOf, reportError } from "../../src/cli/report-error.ts";
import { BailiwickError } from "../../src/shared/errors.ts";
import { call } from "./call.ts";

const folder = mkdtempSync(join(tmpdir(), "bailiwick-program-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string): string => join(folder, name);

describe("commands", () => {
  test("data list names the sets, as a table and as JSON", async () => {
    vi.stubEnv("BAILIWICK_DATA", undefined);
    expect((await call("data", "list")).stdout).toMatch(/concrete\s+1030\s+8/);
    expect(JSON.parse((await call("data", "list", "--json")).stdout)).toHaveLength(13);
  });

  test("run compares, with an SVM gate and hard routing too", async () => {
    const config = {
      name: "small",
      data: "mcycle",
      protocol: { kind: "k-fold", folds: 2 },
      gate: "svm",
      recombination: "hard",
      experts: [2],
      tuning: { steps: [60], extendTo: 60, learningRates: [0.01], weightDecays: [0.01] },
    };
    writeFileSync(path("config.json"), JSON.stringify(config));
    const { stdout, stderr } = await call("run", path("config.json"), "--out", path("run"));
    expect(stdout).toContain("ensemble of equal cost");
    expect(stdout).toMatch(/partitioning: (worth it|not worth it|undecided)/);
    expect(stderr).toContain(`wrote ${path("run")}/result.json`);
    expect(readFileSync(path("run/report.html"), "utf8")).toContain("Partitioning");
    writeFileSync(path("broken.json"), "{");
    const broken = call("run", path("broken.json"), "--out", path("none"));
    await expect(broken).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });

  test("fit, inspect, evaluate, predict and export follow one model", async () => {
    const fitted = await call(
      "fit",
      "tonedata",
      "--preset",
      "fast",
      "--experts",
      "1,2",
      "--engine",
      "wasm",
      "--threads",
      "1",
      "--gate",
      "softmax",
      "--recombination",
      "smooth",
      "--seed",
      "3",
      "--json",
      "--out",
      path("bundle"),
    );
    expect(JSON.parse(fitted.stdout)).toMatchObject({ out: path("bundle"), version: 1 });
    const inspected = (await call("inspect", path("bundle"))).stdout;
    expect(inspected).toContain("predicts tuned from 1 column: ");
    const { expectation } = JSON.parse(fitted.stdout);
    const expected = expectation.rmse.toLocaleString("en", { maximumSignificantDigits: 4 });
    expect(inspected).toContain(`\nexpect RMSE ${expected} (R² `);
    const evaluated = await call("evaluate", path("bundle"), "tonedata", "--json");
    expect(JSON.parse(evaluated.stdout).nSamples).toBe(150);
    expect((await call("evaluate", path("bundle"), "tonedata")).stdout).toContain("150 rows: rmse");
    const { stdout } = await call("predict", path("bundle"), "tonedata", "--explain");
    expect(stdout.trim().split("\n")).toHaveLength(151);
    await call("predict", path("bundle"), "tonedata", "--out", path("p.csv"));
    expect(readFileSync(path("p.csv"), "utf8")).toMatch(/^prediction\n/);
    await call("export", path("bundle"), "--format", "json", "--out", path("m.json"));
    expect(JSON.parse(readFileSync(path("m.json"), "utf8"))).toBeTypeOf("object");
  }, 120_000);

  test("bench accuracy compares over sets and takes up where it stopped", async () => {
    const args = [
      "bench",
      "accuracy",
      "--sets",
      "mcycle,tonedata",
      "--splits",
      "1",
      "--steps",
      "40",
      "--extend",
      "40",
      "--no-peers",
      "--out",
      path("bench"),
      "--threads",
      "1",
    ];
    const { stdout } = await call(...args);
    expect(stdout).toMatch(/mcycle\*?\s+133/);
    expect(stdout).toMatch(/acc\.all-vs-trees\.gm\s+not measured/);
    const again = await call(...args, "--only-finished", "--json");
    const document = JSON.parse(again.stdout);
    expect(document.figures[0]).toMatchObject({ name: "acc.sets", value: 0, ok: false });
    expect(JSON.parse(readFileSync(path("bench/result.json"), "utf8"))).toEqual(document);
    // Forty steps are too few: the check went on to sixteen times as many.
    const [mcycle] = document.measurements.sets;
    expect(mcycle).toMatchObject({ set: "mcycle", convergence: "not converged" });
    expect(mcycle.longestVsLonger).toBeGreaterThan(0);
    rmSync(path("bench/splits.jsonl"));
    const resumed = JSON.parse((await call(...args, "--resume", "--json")).stdout);
    expect(resumed.measurements).toEqual(document.measurements);
    expect(readFileSync(path("bench/report.html"), "utf8")).toContain("Nothing is claimed");
    await expect(call(...args, "--resume", "--corrupt", "0.1")).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining("must be of a run with the same options"),
    });
  }, 120_000);

  test("bench accuracy takes what peers said from an earlier result", async () => {
    const args = ["bench", "accuracy", "--sets", "mcycle", "--splits", "1", "--steps", "40"];
    const run = async (...own: string[]): Promise<BenchDocument<AccuracyMeasurements>> =>
      JSON.parse(
        (await call(...args, "--extend", "40", "--threads", "1", "--json", ...own)).stdout,
      );
    // Of the test before.
    const earlier: BenchDocument<AccuracyMeasurements> = JSON.parse(
      readFileSync(path("bench/result.json"), "utf8"),
    );
    const row = earlier.measurements.rows.find(({ set }) => set === "mcycle");
    const theirs = { mse: { ...row!.mse, xgboost: 7, single: 1 }, peerCpuMs: { xgboost: 5 } };
    const rows = [{ ...row!, ...theirs, versions: { xgboost: "3.2.0" } }];
    const write = (command: string): void =>
      writeFileSync(
        path("earlier.json"),
        JSON.stringify({ command, measurements: { ...earlier.measurements, rows } }),
      );
    write(earlier.command);
    const { measurements } = await run("--peers-from", path("earlier.json"));
    const mse = { ...row!.mse, xgboost: 7 };
    const versions = { xgboost: "3.2.0" };
    expect(measurements.rows[0]).toMatchObject({ mse, peerCpuMs: { xgboost: 5 }, versions });
    const other = run("--peers-from", path("earlier.json"), "--seed", "12");
    await expect(other).rejects.toThrow("must be of --seed 12 and without --corrupt");
    const more = run("--peers-from", path("earlier.json"), "--splits", "2");
    await expect(more).rejects.toThrow("what peers said of mcycle 1 must be known, it is not");
    for (const flags of [["--no-peers"], ["--corrupt", "0.1"]]) {
      const both = run("--peers-from", path("earlier.json"), ...flags);
      await expect(both).rejects.toThrow("must not be combined with --no-peers or --corrupt");
    }
    write(`${earlier.command} --corrupt 0.1`);
    await expect(run("--peers-from", path("earlier.json"))).rejects.toThrow("without --corrupt");
    writeFileSync(path("earlier.json"), "{");
    await expect(run("--peers-from", path("earlier.json"))).rejects.toThrow(
      "must be a result.json of bench accuracy",
    );
  }, 120_000);

  test("flags that cannot be are refused with what must hold", async () => {
    const refused = async (...args: string[]): Promise<void> => {
      await expect(call(...args)).rejects.toBeInstanceOf(CommanderError);
    };
    await refused("fit", "concrete", "--threads", "0");
    await refused("fit", "concrete", "--types", "age:number");
    await refused("fit", "concrete", "--experts", "1,99");
    await refused("serve", "models/concrete", "--port", "70000");
    await refused("export", "models/concrete", "--format", "xml", "--out", "x");
    const twice = call("serve", "models/concrete", "models/concrete");
    await expect(twice).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });
});

describe("errors", () => {
  test("are the caller's, the world's or ours, by exit code", () => {
    expect(exitCodeOf(new BailiwickError("DATA_EMPTY", ""))).toBe(1);
    expect(exitCodeOf(new BailiwickError("WRITE_FAILED", ""))).toBe(2);
    expect(exitCodeOf(new TypeError("x"))).toBe(70);
    expect(exitCodeOf(new CommanderError(1, "c", "m"))).toBe(1);
    expect(exitCodeOf(new CommanderError(0, "c", "m"))).toBe(0);
  });

  test("are one line with the system's word where it adds something", () => {
    const lines: string[] = [];
    const spy = vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
      lines.push(String(chunk));
      return true;
    });
    const cause = new Error("ENOSPC: no space left");
    reportError(new BailiwickError("WRITE_FAILED", "x must be writable", {}, cause));
    reportError(new BailiwickError("DATA_EMPTY", "nothing"));
    reportError(new CommanderError(1, "c", "said already"));
    reportError("thrown text");
    spy.mockRestore();
    expect(lines).toEqual([
      "error [WRITE_FAILED] x must be writable (ENOSPC: no space left)\n",
      "error [DATA_EMPTY] nothing\n",
      "error [BUG] this should not happen, please report it: thrown text\n",
    ]);
  });
});

test("progress is a bar on a terminal and lines elsewhere", () => {
  const stream = (isTTY: boolean) => {
    const chunks: string[] = [];
    const writable = new Writable({
      write(chunk, _encoding, done) {
        chunks.push(String(chunk));
        done();
      },
    });
    const terminal = { isTTY, columns: 100, cursorTo() {}, clearLine() {}, moveCursor() {} };
    return { chunks, stream: Object.assign(writable, terminal) as unknown as NodeJS.WriteStream };
  };
  const [tty, plain] = [stream(true), stream(false)];
  for (const { stream: own } of [tty, plain]) {
    const bar = createProgressBar(own);
    bar.report("tuning", 0.5);
    bar.stop();
  }
  expect(tty.chunks.join("")).toContain("%");
  expect(plain.chunks).toEqual([]);
});
