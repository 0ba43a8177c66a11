/**
 * Goal: @tensorflow/tfjs-node-gpu itself, with its native binding, trains our nets.
 * Method: the package built from its sources against TensorFlow's library (device CPU); the suites
 * of the engine on it, and a run by the command where it is the only TensorFlow.js installed.
 */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, inject, onTestFinished, test } from "vitest";
import { startBackend } from "../../src/experts/tfjs-backend.ts";
import { describeTfjs } from "../experts/tfjs-suite.ts";
import { buildTfjsNode } from "../tfjs-node/build.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const built = buildTfjsNode();
const importPackage = (name: string): Promise<unknown> => {
  if (name !== "@tensorflow/tfjs-node-gpu") throw new Error(`${name} is not to be loaded`);
  return import(/* @vite-ignore */ pathToFileURL(built).href);
};

describeTfjs("node-gpu", { backend: "gpu", importPackage }, "rounding");

test("the backend is TensorFlow's own, called through the native binding", async () => {
  const { tf, backendName } = await startBackend("gpu", importPackage);
  expect(backendName).toBe("tensorflow");
  expect(tf.getBackend()).toBe("tensorflow");
  const backend = (tf as unknown as { backend(): { binding: { TF_Version: string } } }).backend();
  expect(backend.binding.TF_Version).toMatch(/^2[.]/);
});

/** A folder as after `npm install bailiwick @tensorflow/tfjs-node-gpu`. */
function installed(): string {
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-tfjs-node-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "@tensorflow"), { recursive: true });
  for (const name of readdirSync(join(ROOT, "node_modules"))) {
    if (name.startsWith(".") || name === "@tensorflow") continue;
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  }
  symlinkSync(dirname(dirname(built)), join(modules, "@tensorflow", "tfjs-node-gpu"));
  cpSync(join(inject("compiled"), "dist"), join(folder, "dist"), { recursive: true });
  cpSync(join(ROOT, "package.json"), join(folder, "package.json"));
  symlinkSync(join(ROOT, "datasets"), join(folder, "datasets"));
  return folder;
}

test("a run with --engine tfjs trains on it and its model predicts", () => {
  const folder = installed();
  const config = {
    name: "native",
    data: "cars",
    protocol: { kind: "hold-out", repeats: 1 },
    // A competition takes the same steps on any rows, and TensorFlow starts each operation slowly.
    experts: [1],
    baselines: [],
    tuning: { steps: [100], extendTo: 100, learningRates: [0.01], weightDecays: [0.01] },
  };
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  const call = (...args: string[]) =>
    execFileSync(process.execPath, ["dist/cli/main.js", ...args], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  call("run", "config.json", "--out", "out", "--engine", "tfjs");
  const { engine, splits } = JSON.parse(readFileSync(join(folder, "out/result.json"), "utf8"));
  expect(engine).toBe("tfjs");
  expect(splits).toHaveLength(1);
  const { r2 } = JSON.parse(call("evaluate", "out/bundle", "cars", "--json"));
  expect(r2).toBeGreaterThan(0.5);
});
