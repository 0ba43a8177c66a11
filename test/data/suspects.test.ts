/**
 * Goal: a column that alone predicts the target is named, and a column that repeats another; true
 * laws of several columns raise no alarm.
 * Method: made-up tables with one such column in many disguises.
 */
import { expect, test } from "vitest";
import type { Column, Table } from "../../src/data/index.ts";
import { describeSuspects } from "../../src/data/suspects.ts";
import { createRng } from "../../src/shared/rng.ts";

const N = 200;
const rng = createRng(3);
const draw = (): Float64Array => Float64Array.from({ length: N }, () => rng.uniform());
const [a, b] = [draw(), draw()];
const y = a.map((value, i) => 3 * Math.sin(5 * value) + 2 * b[i]! + 0.2 * rng.normal());

const number = (name: string, values: ArrayLike<number>): Column => ({
  type: "number",
  name,
  values: Float64Array.from(values),
});
const tableOf = (...columns: Column[]): Table => ({
  nRows: N,
  columns: [number("a", a), number("b", b), ...columns],
});

test.each<readonly [string, Column]>([
  ["a copy", number("copy", y)],
  [
    "another unit",
    number(
      "copy",
      y.map((v) => 32 + 1.8 * v),
    ),
  ],
  [
    "a copy that is rounded",
    number(
      "copy",
      y.map((v) => Math.round(100 * v) / 100),
    ),
  ],
  [
    "its square from far away",
    number(
      "copy",
      y.map((v) => (v + 50) ** 2),
    ),
  ],
  [
    "its parabola",
    number(
      "copy",
      y.map((v) => Math.exp(-v)),
    ),
  ],
  [
    "a copy with gaps",
    number(
      "copy",
      y.map((v, i) => (i % 50 === 7 ? Number.NaN : v)),
    ),
  ],
])("as the target is told: %s", (_, column) => {
  expect(describeSuspects(tableOf(column), y)).toEqual([
    expect.stringMatching(/^column "copy" alone explains (9\d|100)\.\d % /),
  ]);
});

test("a copy of a target over decades is told", () => {
  const wide = y.map((v) => Math.exp(3 * v));
  const copy = number(
    "copy",
    wide.map((v) => v / 1.19),
  );
  expect(describeSuspects(tableOf(copy), wide)).toHaveLength(1);
});

test("a class of the target that names it is told, a law of several columns is not", () => {
  const classes = y.map((v) => Math.round(v));
  const levels: Column = { type: "category", name: "class", values: Array.from(classes, String) };
  expect(describeSuspects(tableOf(levels), classes)).toHaveLength(1);
  expect(describeSuspects(tableOf(), y)).toEqual([]);
  expect(describeSuspects(tableOf(number("noise", draw())), y)).toEqual([]);
});

test("where a true law has one column, others that come near keep it from alarm", () => {
  const clean = a.map((v) => Math.sin(5 * v));
  const near = a.map((v) => v + 0.03 * rng.normal());
  const table = { nRows: N, columns: [number("a", a), number("near", near)] };
  expect(describeSuspects(table, clean)).toEqual([]);
});

test("columns that repeat others are told, by value, unit or name", () => {
  const colours = Array.from({ length: N }, (_, i) => ["red", "blue", "green"][i % 3]!);
  const category = (name: string, values: readonly (string | null)[]): Column => {
    return { type: "category", name, values };
  };
  const found = describeSuspects(
    tableOf(
      number(
        "a in cm",
        a.map((v) => 100 * v),
      ),
      number(
        "less",
        a.map((v) => 5 - v),
      ),
      category("colour", colours),
      category(
        "Farbe",
        colours.map((one) => `${one[0]}`),
      ),
      category(
        "shifted",
        colours.map((_, i) => colours[(i * 7 + 1) % N]!),
      ),
      number("all one", new Float64Array(N).fill(3)),
      number("all two", new Float64Array(N).fill(2)),
    ),
    null,
  );
  expect(found).toEqual([
    'column "a in cm" says what column "a" says; one of them is enough',
    'column "less" says what column "a" says; one of them is enough',
    'column "Farbe" says what column "colour" says; one of them is enough',
  ]);
});
