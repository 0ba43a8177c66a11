/**
 * Goal: libsvm works out of the way: no noise, no blocking, no hanging.
 * Method: a fit beside a timer; a problem that makes the thread fail; child processes over the
 * compiled source, whose output streams are ours to read.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSvmTrainer } from "../../src/gate/svm-trainer.ts";
import { matrix } from "../../src/shared/matrix.ts";
import { linkPackage } from "../link-package.ts";

const X = matrix(Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), 4, 2);
const PROBLEM = { X, labels: Int8Array.of(1, -1, -1, 1), cost: 10, gamma: 1, tolerance: 1e-4 };

test("a thread that fails is an error, then and afterwards, and can still be closed", async () => {
  const trainer = openSvmTrainer();
  const nothing = matrix(new Float32Array(0), 0, 2);
  const failed = { code: "WORKER_FAILED" };
  await expect(trainer.train({ ...PROBLEM, X: nothing })).rejects.toMatchObject(failed);
  await expect(trainer.train(PROBLEM)).rejects.toMatchObject(failed);
  await trainer.close();
});

test("a closed trainer refuses rather than hangs", async () => {
  const trainer = openSvmTrainer();
  await trainer.train(PROBLEM);
  await trainer.close();
  await expect(trainer.train(PROBLEM)).rejects.toMatchObject({ code: "WORKER_FAILED" });
});

test("100 trainers, one after another, start no thread of their own", async () => {
  const threads = (): number => readdirSync("/proc/self/task").length;
  const first = openSvmTrainer();
  const wanted = await first.train(PROBLEM);
  await first.close();
  const before = threads();
  for (let i = 0; i < 100; i++) {
    const trainer = openSvmTrainer();
    expect(await trainer.train(PROBLEM)).toEqual(wanted);
    await trainer.close();
    await trainer.close();
  }
  expect(threads()).toBe(before);
});

test("trainers at the same time have a thread each, and one that is ended is not kept", async () => {
  const [one, other] = [openSvmTrainer(), openSvmTrainer()];
  const n = 4000;
  const values = Float32Array.from({ length: 2 * n }, (_, i) => Math.sin(i * i));
  const labels = Int8Array.from({ length: n }, (_, i) => (i < n / 2 ? 1 : -1));
  const long = { ...PROBLEM, X: matrix(values, n, 2), labels, cost: 1e6, gamma: 100 };
  const ended = expect(one.train(long)).rejects.toMatchObject({ code: "WORKER_FAILED" });
  const wanted = await other.train(PROBLEM);
  await one.close();
  await ended;
  await other.close();
  const next = [openSvmTrainer(), openSvmTrainer()];
  expect(await Promise.all(next.map((trainer) => trainer.train(PROBLEM)))).toEqual([
    wanted,
    wanted,
  ]);
  for (const trainer of next) await trainer.close();
});

describe("in a separate process", () => {
  let folder = "";
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "bailiwick-svm-")));
    linkPackage(folder);
    const program = `
      const { fitSvmGate } = await import("./dist/gate/index.js");
      const values = Float32Array.from({ length: 80 }, (_, i) => Math.sin(7 * i));
      const labels = Int32Array.from({ length: 40 }, (_, i) => Number(values[2 * i] > 0));
      const X = { values, nRows: 40, nColumns: 2 };
      await fitSvmGate(X, labels, 2, { seed: 1 }).then(
        (gate) => console.log(gate.machines.length),
        (error) => console.log(error.code),
      );
    `;
    writeFileSync(join(folder, "fit.mjs"), program);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (...flags: readonly string[]): { stdout: string; stderr: string } =>
    spawnSync(process.execPath, [...flags, "fit.mjs"], { cwd: folder, encoding: "utf8" });

  test("a fit over compiled source prints nothing, and ends with the process", () => {
    expect(run()).toMatchObject({ status: 0, stdout: "1\n", stderr: "" });
  });

  test.each([[[]], [["--allow-worker"]]])(
    "a fit under Node's permission model is an error, with %j",
    (allowed) => {
      const flags = process.allowedNodeEnvironmentFlags;
      const model = flags.has("--permission") ? "--permission" : "--experimental-permission";
      const { stdout, stderr } = run(model, "--allow-fs-read=*", "--no-warnings", ...allowed);
      expect({ stdout, stderr }).toEqual({ stdout: "WORKER_FAILED\n", stderr: "" });
    },
  );
});
