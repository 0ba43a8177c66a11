/** The bench of sealed rows: what it finds in bytes, and what its figures count. */
import { expect, test } from "vitest";
import { canariesIn, MARK } from "../../../src/benches/fabric/capture.ts";
import { sealFigures } from "../../../src/benches/fabric/seal-figures.ts";

test("a row is found where its mark and its number stand, at any place, once", () => {
  const bytes = (...values: readonly number[]): Buffer =>
    Buffer.from(new Float32Array(values).buffer);
  const found = canariesIn(
    [
      Buffer.concat([Buffer.of(1), bytes(MARK, 3, 7, MARK, 4), bytes(MARK, 3)]),
      bytes(MARK, 10),
      bytes(MARK, 0.5),
      bytes(7, MARK),
    ],
    10,
  );
  expect([...found]).toEqual([3, 4]);
});

test("figures are medians of rounds; a sealed row that is found is one too many", () => {
  const measured = {
    perSecond: [
      { plain: 100, sealed: 50 },
      { plain: 100, sealed: 70 },
      { plain: 10, sealed: 8 },
    ],
    p50Ms: [
      { plain: 1, sealed: 1.25 },
      { plain: 1, sealed: 3 },
      { plain: 1, sealed: 1 },
    ],
    nCanaries: 100,
    found: { plain: 99, sealed: 1 },
  };
  expect(sealFigures(measured).map(({ name, value, ok }) => [name, value, ok])).toEqual([
    ["seal.canaries-sealed", 1, false],
    ["seal.canaries-clear", 0.99, false],
    ["seal.requests-vs-clear", 0.7, true],
    ["seal.added-p50-ms", 0.25, true],
  ]);
  expect(sealFigures(null).every(({ value, ok }) => value === null && ok === null)).toBe(true);
});
