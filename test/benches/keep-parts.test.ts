/** A run of some parts of a bench keeps what an earlier run measured of the others. */
import { expect, test } from "vitest";
import { benchDocument, judgeFigure } from "../../src/benches/figures.ts";
import { keepParts } from "../../src/benches/keep-parts.ts";

const figure = (name: string, value: number) =>
  judgeFigure({ name, value, unit: "", how: "" }, { atMost: 1 });

test("parts that were not measured now, and their figures in their places, are the earlier ones", () => {
  const document = (measurements: object, figures: readonly [string, number][]) =>
    benchDocument({
      bench: "fabric",
      command: "c",
      versions: { nats: "2" },
      measurements,
      figures: figures.map(([name, value]) => figure(name, value)),
    });
  const earlier = document({ a: [1], b: { x: 1 }, c: null }, [
    ["a", 1],
    ["b", 1],
  ]);
  const now = document({ a: [], b: { x: 2 }, c: null, d: [4] }, [
    ["d", 4],
    ["b", 2],
  ]);
  const kept = keepParts(now, JSON.stringify(earlier));
  expect(kept.measurements).toEqual({ a: [1], b: { x: 2 }, c: null, d: [4] });
  expect(kept.figures.map(({ name, value }) => [name, value])).toEqual([
    ["a", 1],
    ["b", 2],
    ["d", 4],
  ]);
  const others = { ...earlier, bench: "agent" };
  for (const text of ["{}", "[", JSON.stringify(others)]) {
    expect(() => keepParts(now, text)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  }
});
