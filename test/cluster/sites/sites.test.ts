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
import {
  fitSites,
  openLedger,
  siteName,
  startSite,
  sumOfRows,
  sumOfSites,
} from "../../../src/cluster/sites/index.ts";
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

async function begin(name: string, own: SiteRows, isPlain = true): Promise<Begun> {
  const lines: string[] = [];
  const path = join(folder, `${name}.jsonl`);
  const ledger = await openLedger(path);
  const source = sumOfRows(await createNetGradients(), own);
  const log = (line: string): void => void lines.push(line);
  const options = { name, zone: "z", source, ledger, isPlain, log };
  const stop = await startSite(fabric, options);
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

describe("masked sums of several sites", () => {
  const { sites: five } = generatedSites("five", 300, { by: "turn", nSites: 5 });
  const QUERY: Query = { kind: "buckets", names: ["x1"], categories: [] };

  test("are those in memory; without a site that is gone, and with it when it is back", async () => {
    const begun = await Promise.all(five.map((own, s) => begin(`m${s}`, own, false)));
    const lines: string[] = [];
    const options = { log: (line: string) => void lines.push(line), patienceMs: 0 };
    const { askSum } = await joinSites(fabric, named(...five.map((_, s) => `m${s}`)), options);
    const sumOf = async (own: readonly SiteRows[], query: Query) =>
      (await inMemory(own)).askSum(query);
    expect(await askSum({ ...QUERY, names: ["x2"] })).toEqual(
      await sumOf(five, { ...QUERY, names: ["x2"] }),
    );
    await begun[2]!.stop();
    const left = five.filter((_, s) => s !== 2);
    expect(await askSum(QUERY)).toEqual(await sumOf(left, QUERY));
    expect(lines).toEqual(["z.m2 does not answer: sums go on without it, while it is gone"]);
    await begin("m2", five[2]!, false);
    // The same query over five sites would tell what the fifth holds.
    await expect(askSum(QUERY)).rejects.toMatchObject({
      code: "SITE_REFUSED",
      message: expect.stringContaining("opened for the same sites"),
    });
    const other: Query = { ...QUERY, names: [] };
    expect(await askSum(other)).toEqual(await sumOf(five, other));
    await begun[0]!.stop();
    await begun[1]!.stop();
    await expect(askSum({ ...QUERY, names: ["x1", "x2"] })).rejects.toMatchObject({
      code: "SITE_UNAVAILABLE",
      message: expect.stringContaining("4 of 5 sites must answer"),
    });
  });

  test("a region of sites is a site, with the same bits", async () => {
    const { sites: six } = generatedSites("five", 300, { by: "turn", nSites: 6 });
    await Promise.all(six.map((own, s) => begin(`r${s}`, own, false)));
    for (const [region, first] of [["north", 0] as const, ["south", 3] as const]) {
      const names = named(...[0, 1, 2].map((s) => `r${first + s}`));
      const ledger = await openLedger(join(folder, `${region}.jsonl`));
      const source = sumOfSites(fabric, names, quietly);
      const options = { name: region, zone: "z", source, ledger, isPlain: true };
      stops.push(await startSite(fabric, options));
    }
    const regional = await joinSites(fabric, named("north", "south"), quietly);
    const flat = await joinSites(fabric, named(...six.map((_, s) => `r${s}`)), quietly);
    expect(regional.said).toEqual(flat.said);
    const preprocessing = await learnPreprocessing(flat.said, flat.askSum);
    const ridge = { kind: "ridge", preprocessing, seed: 1, side: "all", degree: 2 } as const;
    const query: Query = { ...ridge, gate: null };
    expect(await regional.askWords(query)).toEqual(await flat.askWords(query));
  });

  test("a site refuses sums that are not masked, and so fits of two sites", async () => {
    await begin("p", rows[0]!, false);
    await begin("q", rows[1]!, false);
    const { askSum } = await joinSites(fabric, named("p", "q"), quietly);
    await expect(askSum(QUERY)).rejects.toMatchObject({
      code: "SITE_REFUSED",
      message: expect.stringContaining("bailiwick site --plain"),
    });
  });

  test("a value that is too large for a sum is refused in words", async () => {
    const y = five[0]!.y.map((value, i) => (i === 0 ? 1e30 : value));
    for (const [s, own] of five.slice(0, 3).entries()) {
      await begin(`o${s}`, s === 0 ? { ...own, y } : own, false);
    }
    const { askSum } = await joinSites(fabric, named("o0", "o1", "o2"), quietly);
    const ends = { least: [-1e300], most: [1e300], centres: [0], units: [1] };
    await expect(askSum({ kind: "moments", names: [], ...ends })).rejects.toMatchObject({
      code: "SITE_REFUSED",
      message: expect.stringContaining("a sum must stay within"),
    });
  });
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
