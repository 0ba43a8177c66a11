/**
 * Goal: from the bytes of a bundle to answers, all of the code runs in a browser and computes the
 * same bits there: no module of Node, no Buffer, no function of Math that engines may round in
 * their own ways.
 * Method: esbuild follows the imports from the functions that predict, and leaves out what they do
 * not use; the names in the file that remains are looked at. Texts that must be reported are tried
 * first, so that the test cannot pass on a search that finds nothing.
 */
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { buildAgent } from "../build-agent.mjs";
import { bundleForPage, unportableParts } from "./page-bundle.ts";
import { PREDICTION } from "./prediction.ts";

test.each([
  "Math.exp(x)",
  "y.map(Math.log)",
  "Math.hypot(a,b)",
  "x**2",
  "2**x",
  "Buffer.from(x)",
  "process.cwd()",
  'require("fs")',
])("%s is reported", (text) => {
  expect(unportableParts(text)).toHaveLength(1);
});

test.each(["Math.sqrt(x)+Math.PI", "2**53+2**-54", "ArrayBuffer.isView(x)"])(
  "%s is not reported",
  (text) => {
    expect(unportableParts(text)).toEqual([]);
  },
);

test("what predicts imports no module of Node and no other rounding", async () => {
  const { text, sources, imports } = await bundleForPage(PREDICTION);
  expect(imports).toEqual([]);
  expect(unportableParts(text)).toEqual([]);
  for (const part of [
    "src/bundle/manifest.ts",
    "src/data/date-features.ts",
    "src/gate/svm-scores.ts",
    "src/experts/gp/predict.ts",
    "src/experts/trees/predict.ts",
    "src/kernel/predictor.ts",
  ]) {
    expect(sources).toContain(part);
  }
});

test("so does the agent, whose file for pages is at most 36 kB in gzip, the kernel within", async () => {
  const { text, sources, imports } = await buildAgent("src/api/agent/index.ts", null);
  expect(imports).toEqual([]);
  expect(unportableParts(text)).toEqual([]);
  expect(sources).toContain("src/kernel/predict-bytes.ts");
  expect(gzipSync(text, { level: 9 }).length).toBeLessThanOrEqual(36 * 1024);
});
