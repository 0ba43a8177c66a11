/**
 * Goal: the tfjs engine is an engine on both backends that run anywhere, and says what to install
 * where nothing is.
 * Method: the shared suites on the backends wasm and cpu, then how a backend is chosen. The native
 * package runs the same suites in test/system/tfjs-node.test.ts.
 */
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { startBackend, type Tf } from "../../src/experts/tfjs-backend.ts";
import { createTfjsEngine } from "../../src/experts/tfjs-engine.ts";
import { relativeDifference } from "../kernel/samples.ts";
import { describeTfjs, draw } from "./tfjs-suite.ts";

describeTfjs("wasm", { backend: "wasm" });
describeTfjs("cpu", { backend: "cpu" });

describe("the backends of the tfjs engine", () => {
  test("engines on two backends work side by side, and leave the active backend as it was", async () => {
    const { X, task } = draw();
    const wasm = await createTfjsEngine({ backend: "wasm" });
    const [aloneWasm] = await wasm.train(X, [task]);
    const cpu = await createTfjsEngine({ backend: "cpu" });
    const { tf } = await startBackend("cpu");
    const [onWasm, onCpu] = await Promise.all([wasm.train(X, [task]), cpu.train(X, [task])]);
    expect(onWasm).toEqual([aloneWasm]);
    const apart = relativeDifference(onCpu[0]!.net.parameters, aloneWasm!.net.parameters);
    expect(apart).toBeLessThan(1e-4);
    expect(tf.getBackend()).toBe("cpu");
  });

  test("without a wish, the first that starts is taken", async () => {
    const asked: string[] = [];
    const device = await startBackend(undefined, async (name) => {
      asked.push(name);
      if (name.includes("-node")) throw new Error(`no ${name}`);
      return import(name);
    });
    expect(asked.map((name) => name.replace("@tensorflow/tfjs-", ""))).toEqual([
      "node-gpu",
      "node",
      "core",
      "backend-wasm",
    ]);
    expect(device.backendName).toBe("wasm");
  });

  test("a native package is one package with the backend tensorflow", async () => {
    const started: string[] = [];
    const tf = {
      setBackend: async (name: string) => {
        started.push(name);
        return true;
      },
    } as unknown as Tf;
    const device = await startBackend("node", async () => ({ default: tf }));
    expect(device.tf).toBe(tf);
    expect(started).toEqual(["tensorflow"]);
  });

  test("with nothing installed, the error names all that would do", async () => {
    const missing = async (name: string) => Promise.reject(new Error(`no ${name}`));
    await expect(startBackend(undefined, missing)).rejects.toMatchObject({
      code: "ENGINE_UNAVAILABLE",
      message: expect.stringMatching(/tfjs-node-gpu, or .*tfjs-node, or .*wasm, or .*cpu: install/),
      cause: expect.any(AggregateError),
    });
    await expect(startBackend("gpu", missing)).rejects.toMatchObject({
      code: "ENGINE_UNAVAILABLE",
      message: expect.stringContaining("@tensorflow/tfjs-node-gpu: install"),
      cause: new Error("no @tensorflow/tfjs-node-gpu"),
    });
  });

  test("a backend that does not start is unavailable", async () => {
    const tf = { setBackend: async () => false };
    await expect(startBackend("cpu", async () => tf)).rejects.toMatchObject({
      code: "ENGINE_UNAVAILABLE",
      details: { failures: [expect.stringContaining("did not start its backend cpu")] },
    });
  });

  test("there is no other backend: INVALID_OPTION", async () => {
    await expect(createTfjsEngine({ backend: "webgl" as "cpu" })).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
  });

  test("no file but one names a package of TensorFlow.js", async () => {
    for (const name of ["engine", "net", "stack"]) {
      const url = new URL(`../../src/experts/tfjs-${name}.ts`, import.meta.url);
      expect(await readFile(url, "utf8")).not.toContain("@tensorflow");
    }
  });
});
