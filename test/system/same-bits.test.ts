/// <reference lib="dom" />
/**
 * Goal: a page predicts with the bits of Node, on its own thread and on a worker, with every kind
 * of expert and gate, for dates and for targets learnt as logarithms.
 * Method: Chromium loads the code that predicts as one file, in a page without cross-origin
 * isolation; models of random parameters answer thousands of rows there and here.
 */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packBundle } from "../../src/bundle/pack-bundle.ts";
import { applyPreprocessing, type Feature, tableFromColumns } from "../../src/data/index.ts";
import { createWasmEngine, type Engine } from "../../src/experts/index.ts";
import { type Model, predictMatrix } from "../../src/mixture/index.ts";
import { createRng } from "../../src/shared/rng.ts";
import { makeContent, SOME_FEATURES } from "../bundle/models.ts";
import { bundleForPage } from "../portable/page-bundle.ts";
import { PREDICTION } from "../portable/prediction.ts";
import { launchBrowser } from "./chromium.ts";

const N_ROWS = 4000;
const GATES = ["softmax", "ensemble", "tree", "linear", "quadratic", "svm"] as const;
const DATES: readonly Feature[] = (["sine of year", "cosine of week", "sine of day"] as const).map(
  (part) => ({
    type: "number",
    name: `made (${part})`,
    median: 0,
    mean: 0.1,
    scale: 0.7,
    indicator: false,
    from: { column: "made", part },
  }),
);
const FEATURES = [...SOME_FEATURES, ...DATES];
const TARGETS: readonly Model["preprocessing"]["target"][] = [
  { name: "strength", mean: 35.8, scale: 16.7, least: -5.6, most: 90.6 },
  { name: "price", mean: 5.1, scale: 0.9, least: 3, most: 5000, transform: "log", factor: 1.07 },
];

let browser: Browser;
let page: Page;
let engine: Engine;

beforeAll(async () => {
  engine = await createWasmEngine();
  const { text } = await bundleForPage(PREDICTION);
  browser = await launchBrowser();
  page = await browser.newPage();
  await page.addScriptTag({ content: text });
  await page.evaluate((code) => {
    const answer = `onmessage = async ({ data: { name, args } }) => postMessage(await self[name](...args))`;
    const url = URL.createObjectURL(new Blob([code, answer], { type: "text/javascript" }));
    Object.assign(globalThis, { helper: new Worker(url) });
  }, text);
});

afterAll(async () => {
  await browser?.close();
  await engine?.close();
});

type Columns = Readonly<Record<string, readonly (number | string | null)[]>>;

function drawColumns(seed: number): Columns {
  const rng = createRng(seed);
  const cells = <T>(draw: () => T): T[] => Array.from({ length: N_ROWS }, draw);
  const gap = <T>(value: T): T | null => (rng.uniform() < 0.05 ? null : value);
  return {
    water: cells(() => gap(180 + 40 * rng.normal())),
    "mill | *type*": cells(() => gap(["a", "<b>", "other"][rng.int(3)]!)),
    age: cells(() => gap(Math.round(100 * rng.uniform()))),
    made: cells(() => gap(new Date(1e12 + 6e11 * rng.normal()).toISOString())),
  };
}

function makeModel(gate: (typeof GATES)[number], target: Model["preprocessing"]["target"]) {
  const experts = ["mlp", "ridge", "gp", "trees", "mlp"] as const;
  const content = makeContent({ seed: 3, experts, gate, features: FEATURES, nMembers: 2 });
  const { readings, ...preprocessing } = content.model.preprocessing;
  const dates = [{ column: "made", isDate: true, hasTime: true }] as const;
  const { intervals: _intervals, ...model } = content.model;
  return {
    ...content,
    model: { ...model, preprocessing: { ...preprocessing, target, readings: dates } },
  };
}

/** The bits of answers, computed in the page: there, or on a worker that the page started. */
async function bitsInPage(
  where: "page" | "worker",
  call: { readonly name: string; readonly args: readonly unknown[] },
): Promise<readonly string[]> {
  return page.evaluate(
    async ({ where, call }) => {
      const asBytes = (value: unknown): unknown => {
        if (Array.isArray(value)) return value;
        return typeof value === "object" && value !== null && "base64" in value
          ? Uint8Array.from(atob(String(value.base64)), (character) => character.charCodeAt(0))
          : value;
      };
      const [manifest, blobs, rest] = call.args;
      const bytes = Object.entries(blobs as object).map(([hash, blob]) => [hash, asBytes(blob)]);
      const args = [asBytes(manifest), Object.fromEntries(bytes), rest];
      const { helper } = globalThis as unknown as { readonly helper: Worker };
      const values = await new Promise<Float64Array>((resolve, reject) => {
        if (where === "page") {
          const run = Reflect.get(globalThis, call.name) as (...given: unknown[]) => unknown;
          resolve(run(...args) as Promise<Float64Array>);
          return;
        }
        helper.onmessage = ({ data }: MessageEvent<Float64Array>) => resolve(data);
        helper.onerror = (event) => reject(new Error(event.message));
        helper.postMessage({ name: call.name, args });
      });
      return Array.from(new BigUint64Array(values.buffer), String);
    },
    { where, call },
  );
}

function bitsOf(values: Float64Array): readonly string[] {
  return Array.from(new BigUint64Array(values.buffer, values.byteOffset, values.length), String);
}

const inBase64 = (bytes: Uint8Array) => ({ base64: Buffer.from(bytes).toString("base64") });

describe.each(GATES)("a model with a gate of kind %s", (gate) => {
  test.each(TARGETS)("has the same bits in a page and on a worker, for $name", async (target) => {
    const content = makeModel(gate, target);
    const { text, blobs } = packBundle(content, "2026-01-01T00:00:00.000Z");
    const columns = drawColumns(11);
    const { preprocessing } = content.model;
    const X = applyPreprocessing(preprocessing, tableFromColumns(columns, preprocessing));
    const here = bitsOf(predictMatrix(engine, content.model, X).values);
    expect(new Set(here).size).toBeGreaterThan(N_ROWS / 2);

    const stored = Object.fromEntries([...blobs].map(([hash, bytes]) => [hash, inBase64(bytes)]));
    const args = [inBase64(Buffer.from(text)), stored] as const;
    const all = { name: "predictColumns", args: [...args, columns] };
    expect(await bitsInPage("page", all)).toEqual(here);
    expect(await bitsInPage("worker", all)).toEqual(here);
  });
});
