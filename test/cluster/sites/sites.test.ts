/**
 * Goal: a fit over a fabric is the fit of the same rows in memory, and sites tell no more than they
 * may.
 * Method: sites on the embedded fabric, with ledgers in a folder of their own; sites that end,
 * lie, are asked what they must refuse, and hold rows that do not fit.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readBundle, writeBundle } from "../../../src/bundle/index.ts";
import { type Fabric, type Hub, openHub, type Stop } from "../../../src/cluster/fabric/index.ts";
import { boundGradient } from "../../../src/cluster/sites/bound.ts";
import { DEFAULT_SUMS, fitSums } from "../../../src/cluster/sites/fit-sums.ts";
import { fitSites, openLedger, siteName, startSite } from "../../../src/cluster/sites/index.ts";
import { joinSites } from "../../../src/cluster/sites/join-sites.ts";
import { learnPreprocessing } from "../../../src/cluster/sites/learn-preprocessing.ts";
import { readAsked, writeAsked } from "../../../src/cluster/sites/messages.ts";
import type { Query, SiteRows } from "../../../src/cluster/sums/index.ts";
import type { Table } from "../../../src/data/index.ts";
import { createNetGradients, createWasmEngine, initNet } from "../../../src/experts/index.ts";
import { predict } from "../../../src/mixture/index.ts";
import { createRng } from "../../../src/shared/rng.ts";
import { generatedSites, inMemory, rowsOf } from "./rows.ts";

const OPTIONS = { ...DEFAULT_SUMS, experts: [1, 2], hidden: [8], steps: 20 };
const { sites: rows, pooled } = generatedSites("curve", 360, { by: "regime", nSites: 2 });

let hub: Hub;
let fabric: Fabric;
let folder: string;
const stops: Stop[] = [];
beforeAll(async () => {
  hub = await openHub();
  fabric = hub.connect();
  folder = mkdtempSync(join(tmpdir(), "sites-"));
});
afterAll(async () => {
  for (const stop of stops) await stop();
  await fabric.close();
  await hub.close();
  rmSync(folder, { recursive: true });
});

interface Begun {
  readonly lines: readonly string[];
  readonly ledger: string;
  readonly stop: Stop;
}

async function begin(name: string, own: SiteRows): Promise<Begun> {
  const lines: string[] = [];
  const path = join(folder, `${name}.jsonl`);
  const ledger = await openLedger(path);
  const engine = await createNetGradients();
  const log = (line: string): void => void lines.push(line);
  const stop = await startSite(fabric, { name, zone: "z", rows: own, engine, ledger, log });
  stops.push(stop);
  return { lines, ledger: path, stop };
}

const named = (...names: readonly string[]) => names.map((name) => siteName(`z.${name}`));
const quietly = { log: () => {}, patienceMs: 500 };

test("a fit over the fabric is the fit in memory, as a bundle that predicts", async () => {
  const [a] = [await begin("a", rows[0]!), await begin("b", rows[1]!)];
  const fitted = await fitSites(fabric, named("a", "b"), {
    ...OPTIONS,
    ...quietly,
    progress: () => {},
  });
  const { said, askSum } = await inMemory(rows);
  const leastShare = 20 / Math.min(...rows.map(({ y }) => y.length));
  const here = await fitSums(said, { ...OPTIONS, leastShare }, askSum, () => {});
  expect(fitted.model).toEqual(here.model);
  expect(fitted.expectation).toEqual(here.expectation);
  await writeBundle(join(folder, "bundle"), fitted.content);
  const { model } = await readBundle(join(folder, "bundle"));
  const engine = await createWasmEngine();
  const { values } = predict(engine, model, pooled.features);
  await engine.close();
  expect(values.every(Number.isFinite)).toBe(true);
  // The site says once in words what it was asked, and its ledger how often.
  const asked = "a summed gradient of 2 nets, training rows: told";
  expect(a!.lines.filter((line) => line.endsWith(asked))).toHaveLength(1);
  const told = readFileSync(a!.ledger, "utf8").trim().split("\n");
  expect(told.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({
      sites: ["z.a", "z.b"],
      what: expect.stringContaining("sums and squares"),
    }),
  );
});

describe("a site", () => {
  test("refuses a fit whose sites differ by one from an earlier fit's, also started again", async () => {
    const third = await begin("c", rows[1]!);
    const { stop } = await begin("d", rows[0]!);
    await begin("e", rows[0]!);
    const all = await joinSites(fabric, named("c", "d", "e"), quietly);
    await learnPreprocessing(all.said, all.askSum);
    await third.stop();
    const again = await begin("c", rows[1]!);
    const fewer = await joinSites(fabric, named("c", "e"), quietly);
    await expect(learnPreprocessing(fewer.said, fewer.askSum)).rejects.toMatchObject({
      code: "SITE_REFUSED",
      message: expect.stringContaining("they differ by z.d"),
    });
    expect(again.lines.at(-1)).toContain("refused");
    await stop();
  });

  test("refuses sums over few rows: of its own, and of a draw", async () => {
    const few = { ...rows[0]!, y: rows[0]!.y.subarray(0, 3) };
    await expect(begin("few", few)).rejects.toMatchObject({ code: "TOO_FEW_ROWS" });
    await begin("f", rows[0]!);
    const { said, askSum } = await joinSites(fabric, named("f"), quietly);
    const preprocessing = await learnPreprocessing(said, askSum);
    const net = initNet({ sizes: [2, 4, 1], activation: "tanh" }, createRng(1));
    const query: Query = {
      kind: "gradient",
      preprocessing,
      side: "all",
      seed: 1,
      experts: [net],
      gate: null,
      labels: { by: "chance" },
      draw: { share: 0.01, step: 0 },
    };
    await expect(askSum(query)).rejects.toMatchObject({
      code: "SITE_REFUSED",
      message: expect.stringContaining("10 rows at least"),
    });
    const asked = { fit: "0".repeat(16), sites: ["z.f"], query };
    expect(readAsked(writeAsked(asked))).toEqual(asked);
  });

  test("that does not answer ends the fit by its name", async () => {
    await begin("g", rows[0]!);
    await expect(joinSites(fabric, named("g", "absent"), quietly)).rejects.toMatchObject({
      code: "SITE_UNAVAILABLE",
      message: expect.stringContaining("z.absent"),
    });
  });

  test("that starts again during a fit changes no sum", async () => {
    const first = await begin("h", rows[0]!);
    const { said, askSum } = await joinSites(fabric, named("h"), quietly);
    const query: Query = { kind: "buckets", names: ["x1"], categories: [] };
    const before = await askSum(query);
    await first.stop();
    const [after] = await Promise.all([askSum(query), begin("h", rows[0]!)]);
    expect(after).toEqual(before);
    expect(said.nRows).toBe(rows[0]!.y.length);
  });
});

describe("sites that do not fit each other", () => {
  const one = (columns: Table["columns"]): SiteRows => rowsOf({ nRows: 20, columns });
  const numbers = (name: string) => {
    return {
      type: "number",
      name,
      values: Float64Array.from({ length: 20 }, (_, i) => i),
    } as const;
  };
  const texts = (name: string) => {
    return { type: "category", name, values: Array.from({ length: 20 }, () => "k") } as const;
  };

  test.each<[string, SiteRows, string, RegExp]>([
    ["other columns", one([numbers("b"), numbers("y")]), "COLUMN_MISSING", /s1 lacks.*"a"/],
    [
      "other types",
      one([texts("a"), numbers("y")]),
      "COLUMN_TYPE",
      /s0 has numbers, s1 categories/,
    ],
    [
      "other units",
      rowsOf({
        nRows: 20,
        columns: [numbers("a"), numbers("y")],
        readings: [{ column: "a", unit: "kg" }],
      }),
      "COLUMN_TYPE",
      /unit.*s0 has none, s1 "kg"/,
    ],
  ])("%s are named", async (_, other, code, message) => {
    const first = one([numbers("a"), numbers("y")]);
    await expect(inMemory([first, other])).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  test("levels of one site alone have a column each; rare ones count as unknown", async () => {
    const levels = (most: string) =>
      one([
        {
          type: "category",
          name: "a",
          values: Array.from({ length: 20 }, (_, i) => (i < 19 ? most : "rare")),
        },
        numbers("y"),
      ]);
    const { said, askSum } = await inMemory([levels("m"), levels("k")]);
    const { features } = await learnPreprocessing(said, askSum);
    expect(features).toEqual([{ type: "category", name: "a", levels: ["k", "m"], rare: 0.05 }]);
  });

  test("missing cells and a value of 1e30 do not spoil a column's scale", async () => {
    const values = Float64Array.from({ length: 200 }, (_, i) => i % 20);
    const spoilt = values.slice();
    [spoilt[3], spoilt[7]] = [Number.NaN, 1e30];
    const site = (own: Float64Array): SiteRows =>
      rowsOf({
        nRows: 200,
        columns: [
          { type: "number", name: "a", values: own },
          { type: "number", name: "y", values },
        ],
      });
    const { said, askSum } = await inMemory([site(values), site(spoilt)]);
    const { features } = await learnPreprocessing(said, askSum);
    expect(features[0]).toMatchObject({ indicator: true, tails: "bounded" });
    if (features[0]!.type !== "number") throw new Error("a number");
    expect(features[0]!.mean).toBeCloseTo(9.5, 1);
    expect(features[0]!.scale).toBeCloseTo(5.77, 1);
  });
});

test("a gradient beyond that of its rows is bounded, and so are rows that are none", () => {
  const net = initNet({ sizes: [2, 4, 1], activation: "tanh" }, createRng(1));
  const query = { kind: "gradient", experts: [net], gate: null } as unknown as Query;
  const honest = new Float64Array(3 + net.parameters.length).fill(1);
  expect(boundGradient(query, honest, 100)).toBe(false);
  const poisoned = Float64Array.from(honest, (value, i) => (i < 3 ? 1e9 : 1e200 * value));
  expect(boundGradient(query, poisoned, 100)).toBe(true);
  expect(poisoned[0]).toBe(100);
  expect(Math.hypot(...poisoned.subarray(3))).toBeCloseTo(5000, 6);
});

test("a ledger that is none is refused by its line", async () => {
  const path = join(folder, "broken.jsonl");
  writeFileSync(path, '{"at": 1}\n');
  await expect(openLedger(path)).rejects.toMatchObject({ code: "STORE_CORRUPT" });
});
