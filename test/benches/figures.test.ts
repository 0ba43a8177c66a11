/**
 * Goal: a figure holds its bound exactly if its value does.
 * Method: worked examples at, within and beyond each kind of bound, and without a value.
 */
import { expect, test } from "vitest";
import { benchDocument, judgeFigure } from "../../src/benches/figures.ts";

const FACTS = { name: "a.b", unit: "×", how: "by hand" };

test.each([
  [6, { atLeast: 6 }, ">= 6", true],
  [5.99, { atLeast: 6 }, ">= 6", false],
  [2, { atMost: 2 }, "<= 2", true],
  [2.01, { atMost: 2 }, "<= 2", false],
  [1.99, { below: 2 }, "< 2", true],
  [2, { below: 2 }, "< 2", false],
  [Number.NaN, { atMost: 2 }, "<= 2", false],
  [null, { atMost: 2 }, "<= 2", null],
])("%s against %o", (value, bound, must, ok) => {
  expect(judgeFigure({ ...FACTS, value }, bound)).toEqual({ ...FACTS, value, must, ok });
});

test("a document names the machine and the versions, and ends in its figures", () => {
  const document = benchDocument({
    bench: "b",
    command: "c",
    versions: { peer: "1" },
    measurements: [1],
    figures: [],
  });
  expect(document.versions).toMatchObject({ node: process.version, peer: "1" });
  expect(document.machine.cores).toBeGreaterThan(0);
  expect(Object.keys(document).at(-1)).toBe("figures");
});
