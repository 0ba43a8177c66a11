/**
 * Goal: rows are divided as the bench says, rivals learn, and figures follow from measurements.
 * Method: real divisions of a generated set and of one in the package; two sites of one line and of
 * two; measurements that a reader can check by hand.
 */
import { describe, expect, test } from "vitest";
import { averageNets } from "../../../src/benches/sites/averaging.ts";
import { N_SITES, SPLITS, sitesCase } from "../../../src/benches/sites/cases.ts";
import { ratioOf } from "../../../src/benches/sites/compared-figures.ts";
import type { ComparedRow } from "../../../src/benches/sites/compared-row.ts";
import { parseComparedRow } from "../../../src/benches/sites/compared-row.ts";
import { sitesFigures } from "../../../src/benches/sites/figures.ts";
import { chanceOfLarger } from "../../../src/benches/sites/private.ts";
import { divideRows, friedmanSet } from "../../../src/benches/sites/private-cases.ts";
import { privateFigures } from "../../../src/benches/sites/private-figures.ts";
import { createNetGradients } from "../../../src/experts/index.ts";
import { matrix } from "../../../src/shared/matrix.ts";

describe("rows of a set are divided", () => {
  test.each(["five", "concrete", "sacramento", "car-prices"])("%s", async (set) => {
    const cases = await Promise.all(SPLITS.map((split) => sitesCase(set, 1, split)));
    for (const { train, test: tested, sites } of cases) {
      expect(sites).toHaveLength(N_SITES);
      const rows = sites.map((site) => site.train.y.length);
      expect(rows.reduce((sum, n) => sum + n, 0)).toBe(train.y.length);
      expect(sites.reduce((sum, site) => sum + site.test.y.length, 0)).toBe(tested.y.length);
      expect(Math.min(...rows)).toBeGreaterThanOrEqual(20);
      // The test rows are those of every split.
      expect([...tested.y]).toEqual([...cases[0]!.test.y]);
    }
    const sizes = cases[2]!.sites.map((site) => site.train.y.length);
    expect(Math.max(...sizes) / Math.min(...sizes)).toBeGreaterThan(3);
  });
});

test("one averaged net cannot follow two laws of one input, two nets do", async () => {
  const engine = await createNetGradients();
  const values = Float32Array.from({ length: 60 }, (_, i) => i / 30 - 1);
  const sites = [1, -1].map((sign) => ({
    X: matrix(values, 60, 1),
    y: values.map((value) => sign * (1 + value)),
  }));
  const errorOf = (nNets: number): number => {
    const { nets, taken } = averageNets(engine, sites, { nNets, hidden: [8], seed: 1 });
    const errors = sites.map(({ X, y }, s) => {
      return engine
        .predict(nets[taken[s]!]!, X)
        .reduce((sum, answer, i) => sum + (answer - y[i]!) ** 2 / 120, 0);
    });
    return errors[0]! + errors[1]!;
  };
  expect(errorOf(1)).toBeGreaterThan(1);
  expect(errorOf(2)).toBeLessThan(0.1);
});

const ROW: ComparedRow = {
  set: "five",
  seed: 1,
  nTrain: 75,
  nTest: 25,
  central: 2,
  splits: [
    { split: "regime", nSites: 10, sites: 2, taken: "4 mlp", local: 4, fedAvg: 8, ifca: 2 },
    { split: "size", nSites: 10, sites: 8, taken: "1 mlp", local: null, fedAvg: null, ifca: null },
  ],
};

test("squared errors that are larger tell rows apart, equal ones do not", () => {
  const of = (...values: number[]): Float64Array => Float64Array.from(values);
  expect(chanceOfLarger(of(1, 3), of(2, 0))).toBe(0.75);
  expect(chanceOfLarger(of(1, 1), of(1))).toBe(0.5);
});

test("sets of private fits lie in the ranges that are given as known", () => {
  const { rows, bounds } = friedmanSet(200, 1);
  const [least, most] = bounds.targetRange;
  expect(rows.y.every((value) => value > least && value < most)).toBe(true);
  const { train, test: tested } = divideRows(rows, { nTrain: 150, nTest: 100, seed: 1 });
  expect([train.y.length, tested.y.length]).toEqual([150, 50]);
  expect(new Set([...train.y, ...tested.y]).size).toBe(200);
});

describe("figures", () => {
  test("of private fits are medians over draws, and tell what was trained", () => {
    const about = { set: "power", nRows: 2000, epsilon: 8 };
    const figures = privateFigures({
      nSites: 3,
      delta: 1e-6,
      losses: [{ ...about, ratios: [1.2, 1.05, 1], degrees: [2, 2, 1] }],
      refused: [
        { ...about, why: "not worth it" },
        { ...about, why: null },
      ],
      membership: [{ ...about, auc: 0.51 }],
    });
    expect(figures.map(({ name, value, ok }) => [name, value, ok])).toEqual([
      ["dp.loss.power-eps8.ridge", 1.05, true],
      ["dp.small-trained", 1, false],
      ["dp.membership-auc.ridge", 0.51, true],
    ]);
  });

  test("are geometric means over sets and splits of medians over seeds", () => {
    const rows = [1, 2, 3].map((seed) => ({ ...ROW, seed, central: 2 ** seed }));
    // Ratios of 1, .5, .25 and of 4, 2, 1: medians .5 and 2.
    const ratio = ratioOf(rows, ["regime", "size"], ({ sites }, { central }) => sites / central);
    expect(ratio).toBeCloseTo(1, 12);
    expect(ratioOf(rows, ["size"], ({ fedAvg }) => fedAvg)).toBeNull();
  });

  test("are those of the parts that were measured, each beside its bound", () => {
    const traffic = { messages: 400, bytes: 5_000_000 };
    const figures = sitesFigures({
      exactness: null,
      regional: {
        nSites: 100,
        nRegions: 5,
        flat: traffic,
        regional: { messages: 20, bytes: 250_000 },
      },
      masked: null,
      accounting: null,
      private: null,
      compared: [ROW],
    });
    const values = Object.fromEntries(figures.map(({ name, value }) => [name, value]));
    expect(values).toMatchObject({
      "sites.regional-messages": 0.05,
      "sites.regional-bytes": 0.05,
      "sites.vs-fedavg": 0.25,
      "sites.vs-ifca": 1,
      "sites.vs-local": 0.5,
    });
    // .16 s of round trips and .2 s of bytes ÷ .16 and 4 s.
    expect(values["sites.regional-round-time"]).toBeCloseTo(0.36 / 4.16, 12);
    expect(figures.find(({ name }) => name === "sites.vs-ifca")!.ok).toBe(false);
  });

  test("of a finished row are read back, and of what is none refused", () => {
    expect(parseComparedRow(JSON.stringify(ROW))).toEqual(ROW);
    expect(() => parseComparedRow("{}")).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
  });
});
