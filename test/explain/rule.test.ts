/**
 * Goal: a rule names the columns that decide a regime, with thresholds as exact as the rows allow.
 * Method: generated sets whose regimes are known; the search on one column against all there are;
 * the columns that users have: constant, missing, of many levels, more of them than rows.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Column,
  fitPreprocessing,
  type GeneratorName,
  generate,
  type Table,
} from "../../src/data/index.ts";
import { type BlockedColumn, blockColumns } from "../../src/explain/blocks.ts";
import { bestBlocks, overlap, tally } from "../../src/explain/conditions.ts";
import { describedRows, type Rule, ruleInWords } from "../../src/explain/index.ts";
import { findRule, prepareRules } from "../../src/explain/rule.ts";
import { createRng } from "../../src/shared/rng.ts";

const all = (nRows: number): Int32Array => Int32Array.from({ length: nRows }, (_, i) => i);

function numbers(name: string, values: readonly number[]): Column {
  return { type: "number", name, values: Float64Array.from(values) };
}

function category(name: string, values: readonly (string | null)[]): Column {
  return { type: "category", name, values };
}

function tableOf(...columns: readonly Column[]): Table {
  return { nRows: columns[0]!.values.length, columns };
}

function rulesOf(table: Table, regimes: ArrayLike<number>): readonly (Rule | null)[] {
  const y = new Float64Array(table.nRows);
  const preprocessing = fitPreprocessing(table, y, all(table.nRows), "y");
  const labels = Int32Array.from(regimes);
  const search = prepareRules(preprocessing, table, labels);
  const rules = [...new Set(labels)].sort((a, b) => a - b).map((k) => findRule(search, k));
  rules.forEach((rule, k) => {
    if (rule !== null) expectMeasured(rule, describedRows(rule, preprocessing, table), labels, k);
  });
  return rules;
}

/** Counts purity and coverage again, from the rule as it is told. */
function expectMeasured(rule: Rule, described: Uint8Array, labels: Int32Array, k: number): void {
  const rows = [...all(labels.length)];
  const both = rows.filter((i) => described[i] === 1 && labels[i] === k).length;
  expect(rule.purity).toBeCloseTo(both / rows.filter((i) => described[i] === 1).length, 5);
  expect(rule.coverage).toBeCloseTo(both / rows.filter((i) => labels[i] === k).length, 5);
}

function words(rule: Rule | null): string {
  return ruleInWords({ rule, nRows: 1, share: 0.5 });
}

function generated(name: GeneratorName): readonly (Rule | null)[] {
  const { table, regimes } = generate(name, { nRows: 2000, seed: 5 });
  return rulesOf({ ...table, columns: table.columns.slice(0, -1) }, regimes);
}

function bounds(rule: Rule | null): readonly (number | null)[] {
  return rule!.alternatives.flat().flatMap((condition) => {
    return condition.kind === "range" ? [condition.from, condition.to] : [];
  });
}

describe("on generated sets", () => {
  test("four intervals are four ranges, their ends within 0.02", () => {
    const rules = generated("intervals");
    const truth = [
      [null, -1],
      [-1, 0],
      [0, 1],
      [1, null],
    ];
    rules.forEach((rule, k) => {
      expect([rule!.purity, rule!.coverage]).toEqual([1, 1]);
      bounds(rule).forEach((bound, b) => {
        const wanted = truth[k]![b]!;
        if (wanted === null) expect(bound).toBeNull();
        else expect(Math.abs(bound! - wanted)).toBeLessThan(0.02);
      });
    });
  });

  test("the two corners of one regime are two alternatives", () => {
    const [corners, ...cells] = generated("five");
    expect(corners!.alternatives).toHaveLength(2);
    const sorted = words(corners!).split(", or ").sort();
    expect(sorted[0]).toMatch(/^x1 < -0\.6\S* and x2 < -?0[.\d]*$/);
    expect(sorted[1]).toMatch(/^x1 ≥ 0\.6\S* and x2 ≥ -?0[.\d]*$/);
    for (const rule of [corners!, ...cells]) {
      expect(Math.min(rule!.purity, rule!.coverage)).toBeGreaterThan(0.99);
    }
  });

  test("the rule of a loop names the input that switches it, not the other", () => {
    const [lower, upper] = generated("hysteresis");
    expect(words(lower!)).toMatch(/^drive ≥ -?0(\.00\d+)?$/);
    expect(words(upper!)).toMatch(/^drive < -?0(\.00\d+)?$/);
  });

  test("regimes by a coin and a regime of all rows have no rule", () => {
    expect(generated("overlap")).toEqual([null, null]);
    expect(generated("crest")).toEqual([null]);
  });
});

describe("columns that users have", () => {
  const rng = createRng(3);
  const n = 600;
  const noise = (name: string): Column => {
    return numbers(
      name,
      [...all(n)].map(() => rng.uniform()),
    );
  };
  const colours = [...all(n)].map((i) => ["red", "blue", "green", null][i % 4]!);

  test("a category that alone decides is named by its level", () => {
    const table = tableOf(noise("a"), category("colour", colours), noise("b"));
    const rules = rulesOf(
      table,
      colours.map((colour) => (colour === "red" ? 1 : 0)),
    );
    expect(rules.map(words)).toEqual(["colour is not red", "colour is red"]);
  });

  test("two levels, and a level that is missing", () => {
    const table = tableOf(category("colour", colours), noise("a"));
    const warm = rulesOf(
      table,
      colours.map((c) => (c === "red" || c === null ? 1 : 0)),
    );
    expect(words(warm[1]!)).toBe("colour is red or missing or unknown");
  });

  test("numbers that are missing where the regime is", () => {
    const gaps = numbers(
      "lime",
      [...all(n)].map((i) => (i % 3 === 0 ? Number.NaN : rng.uniform())),
    );
    const rules = rulesOf(
      tableOf(noise("a"), gaps),
      [...all(n)].map((i) => (i % 3 === 0 ? 1 : 0)),
    );
    expect(rules.map(words)).toEqual(["lime is not missing", "lime is missing"]);
    const values = gaps.values as Float64Array;
    const low = [...values].map((v) => (v < 0.5 || Number.isNaN(v) ? 0 : 1));
    const [rule] = rulesOf(tableOf(gaps), low);
    expect(words(rule!)).toMatch(/^\(lime < 0\.(49|5)\d* or it is missing\)$/);
  });

  test("a regime of two columns that neither gives away alone", () => {
    const table = tableOf(...["a", "b", "c", "d"].map(noise));
    const [a, b] = [table.columns[0]!.values, table.columns[1]!.values] as [
      Float64Array,
      Float64Array,
    ];
    const rules = rulesOf(
      table,
      [...all(n)].map((i) => (a[i]! > 0.5 === b[i]! > 0.4 ? 1 : 0)),
    );
    for (const rule of rules) {
      expect(rule!.alternatives).toHaveLength(2);
      expect(Math.min(rule!.purity, rule!.coverage)).toBeGreaterThan(0.97);
    }
  });

  test("constant columns, rows all equal, and a category of 200 levels make no rule", () => {
    const same = numbers("same", Array(n).fill(7));
    const many = category(
      "id",
      [...all(n)].map((i) => `id ${i % 200}`),
    );
    const coin = [...all(n)].map(() => rng.int(2));
    expect(rulesOf(tableOf(same), coin)).toEqual([null, null]);
    expect(rulesOf(tableOf(same, many), coin)).toEqual([null, null]);
  });

  test("no more than four levels are listed", () => {
    const levels = [...all(n)].map((i) => i % 30);
    const table = tableOf(category("mill", levels.map(String)));
    const [rule] = rulesOf(
      table,
      levels.map((level) => (level < 15 ? 0 : 1)),
    );
    const [condition] = rule!.alternatives[0]!;
    expect(condition!.kind === "levels" && condition!.levels).toHaveLength(4);
    expect(rule!.purity).toBe(1);
  });

  test("60 rows and 40 columns, one of which decides, name that one", () => {
    const few = Array.from({ length: 40 }, (_, j) => {
      return numbers(
        `f${j}`,
        Array.from({ length: 60 }, () => rng.normal()),
      );
    });
    const deciding = few[17]!.values as Float64Array;
    const rules = rulesOf(
      tableOf(...few),
      [...deciding].map((v) => (v > 0.3 ? 1 : 0)),
    );
    expect(rules.map(words)).toEqual([
      expect.stringMatching(/^f17 < [\d.]+$/),
      expect.stringMatching(/^f17 ≥ [\d.]+$/),
    ]);
  });

  test("of more rows than are searched, all are counted", () => {
    const x = Array.from({ length: 400_000 }, (_, i) => i);
    const [rule] = rulesOf(
      tableOf(numbers("x", x)),
      x.map((v) => (v < 100_000 ? 0 : 1)),
    );
    expect(words(rule!)).toMatch(/^x < (100000|9999\d|10000\d)$/);
    expect(rule!.coverage).toBeGreaterThan(0.9999);
  });
});

test("the best condition on a column is the best of all that there are", () => {
  const blocks = fc.array(fc.record({ hits: fc.nat(6), misses: fc.nat(6) }), {
    minLength: 2,
    maxLength: 7,
  });
  const task = fc.record({
    nRegime: fc.integer({ min: 40, max: 60 }),
    before: fc.record({ hits: fc.nat(5), misses: fc.nat(5) }),
  });
  fc.assert(
    fc.property(blocks, task, fc.boolean(), (counts, wanted, ordered) => {
      const nBlocks = counts.length;
      const hits = Int32Array.from(counts, (count) => count.hits);
      const misses = Int32Array.from(counts, (count) => count.misses);
      const values = ordered ? new Float64Array(nBlocks - 1) : Array(nBlocks - 1).fill("level");
      const sizes = hits.map((hit, b) => hit + misses[b]!);
      const column = { feature: "x", values, nBlocks, sizes } as unknown as BlockedColumn;
      const found = bestBlocks(column, hits, misses, wanted);
      const best = Math.max(
        ...Array.from({ length: 2 ** nBlocks }, (_, bits) => {
          const allowed = Uint8Array.from({ length: nBlocks }, (_block, b) => (bits >> b) & 1);
          const run = [...allowed.subarray(0, -1)].join("").replace(/^0+|0+$/g, "");
          const possible = allowed.includes(1) && !(ordered && run.includes("0"));
          return possible ? overlap(wanted, tally(allowed, hits, misses)) : 0;
        }),
      );
      const alone = overlap(wanted, { hits: 0, misses: 0 });
      expect(Math.max(found.overlap, alone)).toBeCloseTo(Math.max(best, alone), 12);
    }),
  );
});

test("blocks are the distinct numbers and the missing, the known levels and the others", () => {
  const table = tableOf(numbers("x", [3, Number.NaN, 1, 3]), category("c", ["b", "zz", null, "a"]));
  const features = [
    { type: "number", name: "x", median: 3, mean: 2, scale: 1, indicator: true },
    { type: "category", name: "c", levels: ["a", "b"] },
  ] as const;
  const [x, c] = blockColumns(table, features, all(4));
  expect([...x!.values, ...x!.blockOf, ...x!.sizes]).toEqual([1, 3, 1, 2, 0, 1, 1, 2, 1]);
  expect([...c!.blockOf, ...c!.sizes]).toEqual([1, 2, 2, 0, 1, 1, 2]);
});
