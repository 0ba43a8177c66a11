import { expect, test } from "vitest";
import { summariseAccuracy } from "../../../src/benches/accuracy/summary.ts";
import { accuracyRow } from "./rows.ts";

const NAME = "acc.all-vs-before.gm";
const rowOf = (set: string, split: number, all: number) =>
  accuracyRow({ set, split, mse: { all } });
const NOW = [rowOf("yacht", 0, 2), rowOf("yacht", 1, 4), rowOf("boston", 0, 1)];

test("the figure is the geometric mean of the sets' errors ÷ those before", () => {
  const before = [rowOf("boston", 0, 0.5), rowOf("yacht", 1, 1), rowOf("yacht", 0, 2)];
  const figure = summariseAccuracy(NOW, before).figures.find(({ name }) => name === NAME);
  expect(figure).toMatchObject({ value: 2, ok: false });
  expect(figure!.how).toContain("yacht 2.000, boston 2.000");
});

test("a split that the earlier run lacks, or has of other rows, is refused by name", () => {
  expect(() => summariseAccuracy(NOW, [rowOf("yacht", 0, 2)])).toThrow(/yacht 1/u);
  const others = NOW.map((row) => ({ ...row, nTest: row.nTest + 1 }));
  expect(() => summariseAccuracy(NOW, others)).toThrow(/yacht 0/u);
});

test("without an earlier run there is no such figure", () => {
  expect(summariseAccuracy(NOW).figures.map(({ name }) => name)).not.toContain(NAME);
});
