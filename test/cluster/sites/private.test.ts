/**
 * Goal: a private fit tells no more than its ε, its sites count it, and its noise is what is stated.
 * Method: sites on the embedded fabric with ledgers on disk, asked by a private fit and by requests
 * that they must refuse; opened sums less exact ones; sums of neighbouring sets of rows.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readBundle, writeBundle } from "../../../src/bundle/index.ts";
import { type Fabric, type Hub, openHub, type Stop } from "../../../src/cluster/fabric/index.ts";
import { gaussianEpsilon, gaussianNoise } from "../../../src/cluster/privacy/index.ts";
import {
  type Bounds,
  fitPrivately,
  joinSites,
  noiseShares,
  openLedger,
  type PrivacyLimit,
  parseBounds,
  siteName,
  startSite,
  sumOfRows,
  sumOfSites,
} from "../../../src/cluster/sites/index.ts";
import { joinPrivately } from "../../../src/cluster/sites/join-sites.ts";
import { readAsked, writeAsked } from "../../../src/cluster/sites/messages.ts";
import { fitPrivateRidge } from "../../../src/cluster/sites/private-ridge.ts";
import {
  createAnswerer,
  type NoisedQuery,
  type Query,
  type SiteRows,
} from "../../../src/cluster/sums/index.ts";
import { createNetGradients, createWasmEngine } from "../../../src/experts/index.ts";
import { predict } from "../../../src/mixture/index.ts";
import { createRng } from "../../../src/shared/rng.ts";
import { rowsOf } from "./rows.ts";

const BOUNDS = parseBounds(
  { target: { y: [-4, 4] }, columns: { a: [-2, 2], b: [-2, 2], kind: ["k", "m"] } },
  "bounds.json",
);

/** y = a + a·b / 2 + (kind is k) and noise. */
function linearRows(n: number, seed: number): SiteRows {
  const rng = createRng(seed);
  const [a, b, y] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  const kinds: string[] = [];
  for (let i = 0; i < n; i++) {
    [a[i], b[i]] = [4 * rng.uniform() - 2, 4 * rng.uniform() - 2];
    kinds.push(rng.uniform() < 0.5 ? "k" : "m");
    y[i] = a[i]! + (a[i]! * b[i]!) / 2 + (kinds[i] === "k" ? 1 : 0) + 0.2 * rng.normal();
  }
  return rowsOf({
    nRows: n,
    columns: [
      { type: "number", name: "a", values: a },
      { type: "number", name: "b", values: b },
      { type: "category", name: "kind", values: kinds },
      { type: "number", name: "y", values: y },
    ],
  });
}

let hub: Hub;
let fabric: Fabric;
let folder: string;
const stops: Stop[] = [];
beforeAll(async () => {
  hub = await openHub();
  fabric = hub.connect();
  folder = mkdtempSync(join(tmpdir(), "private-"));
});
afterAll(async () => {
  for (const stop of stops) await stop();
  await fabric.close();
  await hub.close();
  rmSync(folder, { recursive: true });
});

interface SiteSettings {
  readonly limit?: PrivacyLimit;
  readonly isPlain?: boolean;
}

async function begin(name: string, rows: SiteRows, { limit, isPlain }: SiteSettings = {}) {
  const lines: string[] = [];
  const path = join(folder, `${name}.jsonl`);
  const ledger = await openLedger(path, { limit: limit ?? null });
  const source = sumOfRows(await createNetGradients(), rows);
  const stop = await startSite(fabric, {
    name,
    zone: "z",
    source,
    ledger,
    isPlain: isPlain ?? false,
    isPrivate: limit !== undefined,
    log: (line) => void lines.push(line),
  });
  stops.push(stop);
  const told = () =>
    readFileSync(path, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  return { lines, path, stop, told };
}

const named = (...names: readonly string[]) => names.map((name) => siteName(`z.${name}`));
const quietly = { log: () => {}, patienceMs: 500 };
const LIMIT = { epsilon: 3, delta: 1e-6 };

const countQuery = (noise: number): NoisedQuery => {
  return { kind: "noised histogram", names: [], least: [-4], most: [4], noise };
};

test("a private fit is a bundle without rows that predicts, and is counted at each site", async () => {
  const rows = [1, 2, 3].map((seed) => linearRows(4000, seed));
  const begun = await Promise.all(rows.map((own, s) => begin(`f${s}`, own, { limit: LIMIT })));
  const options = { bounds: BOUNDS, epsilon: 3, delta: 1e-6, ...quietly, progress: () => {} };
  const fitted = await fitPrivately(fabric, named("f0", "f1", "f2"), options);
  expect(fitted.expert.degree).toBe(2);
  expect(Math.abs(fitted.nRows - 12_000)).toBeLessThan(300);
  const path = join(folder, "bundle");
  await writeBundle(path, fitted.content);
  const { model, manifest } = await readBundle(path);
  const { privacy, rowMarks } = manifest.provenance;
  expect(privacy).toMatchObject({ unit: "row", delta: 1e-6, sums: 3 });
  expect(privacy!.epsilon / 3).toBeCloseTo(1, 9);
  expect(rowMarks).toBeUndefined();
  expect(model.intervals).toBeUndefined();
  expect(readFileSync(join(path, "README.md"), "utf8")).toContain("ε = 3, δ = 0.000001");
  const tested = linearRows(500, 9);
  const engine = await createWasmEngine();
  const { values } = predict(engine, model, tested.features);
  await engine.close();
  const mse = values.reduce((sum, value, i) => sum + (value - tested.y[i]!) ** 2, 0) / 500;
  // The noise of y is .04, and its variance about 2.
  expect(mse).toBeLessThan(0.1);
  for (const { told, lines } of begun) {
    const spent = told();
    expect(spent).toHaveLength(3);
    expect(spent.at(-1).epsilon / 3).toBeCloseTo(1, 9);
    expect(lines.at(-1)).toContain("told, in all ε 3");
  }
  // All of it is spent: a next fit is refused before anything is told.
  await expect(fitPrivately(fabric, named("f0", "f1", "f2"), options)).rejects.toMatchObject({
    code: "SITE_REFUSED",
    message: expect.stringMatching(
      /epsilon 3\.0\d+, beyond its limit of epsilon 3 .* epsilon 3 is spent/,
    ),
  });
  expect(begun[0]!.told()).toHaveLength(3);
});

test("too few rows are not worth it, which costs the count alone", async () => {
  const begun = await Promise.all(
    [1, 2, 3].map((seed) => begin(`n${seed}`, linearRows(100, seed), { limit: LIMIT })),
  );
  const options = { bounds: BOUNDS, epsilon: 1, delta: 1e-6, ...quietly, progress: () => {} };
  await expect(fitPrivately(fabric, named("n1", "n2", "n3"), options)).rejects.toMatchObject({
    code: "TOO_FEW_ROWS",
    message: expect.stringMatching(/^not worth it: .* rows would be enough; ε 0\.0\d+ is spent/),
  });
  expect(begun[0]!.told()).toHaveLength(1);
});

describe("a site with a limit", () => {
  test("answers noised sums alone: neither others nor what it is asked to describe", async () => {
    const begun = await Promise.all(
      [1, 2, 3].map((seed) => begin(`d${seed}`, linearRows(50, seed), { limit: LIMIT })),
    );
    const sites = named("d1", "d2", "d3");
    await expect(joinSites(fabric, sites, quietly)).rejects.toMatchObject({
      code: "SITE_REFUSED",
      message: expect.stringContaining("answers noised sums only"),
    });
    const { askSum } = joinPrivately(fabric, sites, quietly);
    const query: Query = { kind: "buckets", names: ["a"], categories: [] };
    await expect(askSum(query)).rejects.toMatchObject({
      code: "SITE_REFUSED",
      message: expect.stringContaining("its limit of epsilon 3"),
    });
    expect(begun.map(({ lines }) => lines.at(-1))).toEqual(
      expect.arrayContaining([expect.stringContaining("refused")]),
    );
  });

  test("counts all fits, also those before it started again, up to the limit", async () => {
    const noise = gaussianNoise(2, LIMIT.delta);
    const rows = linearRows(50, 1);
    const settings = { limit: LIMIT, isPlain: true };
    const first = await begin("c", rows, settings);
    const ask = (own: number) => joinPrivately(fabric, named("c"), quietly).askSum(countQuery(own));
    await ask(noise);
    await first.stop();
    const again = await begin("c", rows, settings);
    // Twice is ε 2.94, and a third time 3.69.
    await ask(noise);
    expect(again.told().at(-1).epsilon).toBeCloseTo(
      gaussianEpsilon(noise / Math.SQRT2, LIMIT.delta),
      9,
    );
    await expect(ask(noise)).rejects.toMatchObject({ code: "SITE_REFUSED" });
    await expect(ask(0.1)).rejects.toMatchObject({ code: "SITE_REFUSED" });
    expect(again.told()).toHaveLength(2);
  });

  test("tells a noised sum once: asked again it has the same noise, and after a start none", async () => {
    const rows = linearRows(50, 1);
    const begun = await begin("s", rows, { isPlain: true });
    const fit = "0123456789abcdef";
    const { askSum } = joinPrivately(fabric, named("s"), { ...quietly, fit });
    const sum = await askSum(countQuery(1));
    const other = joinPrivately(fabric, named("s"), { ...quietly, fit });
    await askSum(countQuery(2));
    expect(await other.askSum(countQuery(1))).toEqual(sum);
    expect(begun.told()).toHaveLength(2);
    await begun.stop();
    await begin("s", rows, { isPlain: true });
    await expect(askSum(countQuery(1))).rejects.toMatchObject({
      code: "SITE_REFUSED",
      message: expect.stringContaining("told once"),
    });
  });
});

test("sites that add up others' sums refuse noised ones", async () => {
  const ledger = await openLedger(join(folder, "region.jsonl"));
  const source = sumOfSites(fabric, named("x"), quietly);
  const options = { name: "region", zone: "z", source, ledger, isPlain: true };
  stops.push(await startSite(fabric, options));
  const { askSum } = joinPrivately(fabric, named("region"), quietly);
  await expect(askSum(countQuery(1))).rejects.toMatchObject({
    code: "SITE_REFUSED",
    message: expect.stringContaining("sites that hold rows"),
  });
});

describe("noise", () => {
  const NAMES = ["v0", "v1", "v2", "v3", "v4"];

  test("of a masked sum is the stated one without any one site's share", async () => {
    const noise = 5;
    const rows = NAMES.map((_, s) => linearRows(30, s));
    await Promise.all(rows.map((own, s) => begin(NAMES[s]!, own)));
    const names = Array.from({ length: 12 }, (_, c) => (c % 2 === 0 ? "a" : "b"));
    const ends = { least: names.map(() => -2).concat(-4), most: names.map(() => 2).concat(4) };
    const query: NoisedQuery = { kind: "noised histogram", names, ...ends, noise };
    const { askSum, noiseExcess } = joinPrivately(fabric, named(...NAMES), quietly);
    const opened = await askSum(query);
    const engine = await createNetGradients();
    const exact = rows.map((own) => createAnswerer(engine, own)(query));
    let squares = 0;
    opened.forEach((value, at) => {
      const sum = exact.reduce((total, own) => total + own[at]!, 0);
      squares += ((value - sum) / noise) ** 2;
    });
    // 4 of 5 sites open a sum: each has a third of the variance, so that 3 have all of it.
    expect(noiseShares(NAMES, true)).toBe(3);
    expect(noiseExcess).toBeCloseTo(5 / 3, 12);
    // Six standard errors of a variance.
    const variance = squares / opened.length / (5 / 3);
    expect(Math.abs(variance - 1)).toBeLessThan(6 * Math.sqrt(2 / opened.length));
  });

  test("is whole at a site of which the coordinator sees the part", () => {
    expect(noiseShares(["a", "b"], false)).toBe(1);
    expect(noiseShares(["a", "b", "c"], true)).toBe(2);
  });
});

test("a row changes counts and histograms by a length of 1 at most", async () => {
  const engine = await createNetGradients();
  const query: NoisedQuery = {
    kind: "noised histogram",
    names: ["a", "b"],
    least: [-1, -2, -4],
    most: [1, 2, 4],
    noise: 1,
  };
  const rows = linearRows(30, 4);
  rows.features.columns.forEach(({ values }) => {
    if (values instanceof Float64Array) [values[3], values[4]] = [Number.NaN, 1e300];
  });
  const sumOf = (wanted: (i: number) => boolean): Float64Array => {
    const kept = [...rows.y.keys()].filter(wanted);
    const columns = rows.features.columns.map((column) =>
      column.type === "number"
        ? { ...column, values: Float64Array.from(kept, (i) => column.values[i]!) }
        : { ...column, values: kept.map((i) => column.values[i]!) },
    );
    const y = Float64Array.from(kept, (i) => rows.y[i]!);
    const own = { ...rows, features: { nRows: kept.length, columns }, y };
    return createAnswerer(engine, own)(query);
  };
  const whole = sumOf(() => true);
  for (const i of rows.y.keys()) {
    const without = sumOf((own) => own !== i);
    const squares = whole.reduce((sum, value, at) => sum + (value - without[at]!) ** 2, 0);
    expect(squares).toBeLessThanOrEqual(1);
    expect(squares).toBeGreaterThanOrEqual(0.49);
  }
});

test("a column of texts where numbers are asked is refused without a cell", async () => {
  const rows = linearRows(30, 1);
  const answer = createAnswerer(await createNetGradients(), rows);
  const feature = { type: "number", name: "kind", median: 0, mean: 0, scale: 1 } as const;
  const query: NoisedQuery = {
    kind: "noised ridge",
    preprocessing: {
      features: [{ ...feature, indicator: false }],
      target: { name: "y", mean: 0, scale: 1, least: -4, most: 4 },
    },
    crossed: [],
    radius: 1,
    targetRadius: 1,
    noise: 1,
  };
  expect(() => answer(query)).toThrow(
    expect.objectContaining({
      code: "COLUMN_TYPE",
      message: 'column "kind" must be of numbers at every site',
    }),
  );
  const asked = { fit: "0".repeat(16), sites: ["z.f"], query };
  expect(readAsked(writeAsked(asked))).toEqual(asked);
  for (const wrong of [{ crossed: [1] }, { noise: 0.01 }, { radius: 0 }]) {
    const body = writeAsked({ ...asked, query: { ...query, ...wrong } });
    expect(() => readAsked(body)).toThrow(expect.objectContaining({ code: "MESSAGE_INVALID" }));
  }
});

test.each<[string, unknown, RegExp]>([
  ["a range that is none", { target: { y: [0, 1] }, columns: { a: [1, 1] } }, /columns\.a/],
  ["two targets", { target: { y: [0, 1], z: [0, 1] }, columns: { a: [0, 1] } }, /one column/],
  ["a level twice", { target: { y: [0, 1] }, columns: { a: ["k", "k"] } }, /columns\.a/],
  ["no columns", { target: { y: [0, 1] }, columns: {} }, /1 to 1000 columns/],
  ["the target as a column", { target: { y: [0, 1] }, columns: { y: [0, 1] } }, /"y" must not/],
])("bounds with %s are refused", (_, value, message) => {
  expect(() => parseBounds(value, "b.json")).toThrow(
    expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringMatching(message) }),
  );
});

test("a ridge that squares do not help is linear", async () => {
  const bounds: Bounds = { ...BOUNDS, categories: [] };
  const rng = createRng(2);
  const values = (): Float64Array => Float64Array.from({ length: 6000 }, () => rng.normal());
  const [a, b] = [values(), values()];
  const y = a.map((value, i) => value - b[i]! / 2);
  const rows = rowsOf({
    nRows: 6000,
    columns: [
      { type: "number", name: "a", values: a },
      { type: "number", name: "b", values: b },
      { type: "number", name: "y", values: y },
    ],
  });
  const answer = createAnswerer(await createNetGradients(), rows);
  const here = { askSum: async (query: Query) => answer(query), noiseExcess: 1 };
  const { expert } = await fitPrivateRidge({ bounds, epsilon: 5, delta: 1e-6 }, here, () => {});
  expect(expert.degree).toBe(1);
});
