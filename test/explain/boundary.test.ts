/**
 * Goal: the margin is the gap between the best two scores, and its threshold follows the errors.
 * Method: scores and errors by hand.
 */
import { describe, expect, test } from "vitest";
import { calibrateMargin, gateMargins } from "../../src/explain/boundary.ts";
import type { Route } from "../../src/mixture/index.ts";

function routeOf(...rows: readonly (readonly number[])[]): Route {
  return {
    nExperts: rows[0]!.length,
    scores: Float64Array.from(rows.flat()),
    experts: Int32Array.from(rows, (row) => row.indexOf(Math.max(...row))),
  };
}

test("margins are those of the best two of any number of experts", () => {
  const margins = gateMargins(routeOf([0.5, 0.2, 0.3], [0.1, 0.1, 0.8], [0.4, 0.4, 0.2]));
  expect([...margins].map((margin) => Number(margin.toFixed(12)))).toEqual([0.2, 0.7, 0]);
  expect([...gateMargins(routeOf([1], [1]))]).toEqual([1, 1]);
});

describe("the threshold", () => {
  /** 1,000 rows, margins from 1 down to 0, most of them near 1, all routed to expert 0. */
  const seconds = Array.from({ length: 1000 }, (_, i) => (i / 1000) ** 8 / 2);
  const rows = seconds.map((second) => [1 - second, second]);
  const route = routeOf(...rows);
  const errorsIf = (isMisrouted: (margin: number) => boolean): Float64Array[] => [
    Float64Array.from(rows, ([a, b]) => (isMisrouted(a! - b!) ? 100 : 1)),
    Float64Array.from(rows, ([a, b]) => (isMisrouted(a! - b!) ? 1 : 100)),
  ];

  test("is where more than one row in a hundred is better off elsewhere", () => {
    const margin = calibrateMargin(
      route,
      errorsIf((own) => own < 0.7),
    );
    expect(margin).toBeLessThan(0.7);
    expect(margin).toBeGreaterThan(0.6);
  });

  test("is not below 0.5 where all rows are routed well, nor above 0.8 where none is", () => {
    expect(
      calibrateMargin(
        route,
        errorsIf(() => false),
      ),
    ).toBe(0.5);
    expect(
      calibrateMargin(
        route,
        errorsIf((own) => own < 0.99),
      ),
    ).toBe(0.8);
    expect(calibrateMargin(route, null)).toBe(0.5);
  });

  test("does not mind rows that both experts predict alike", () => {
    const alike = Float64Array.from(rows, () => 1);
    expect(calibrateMargin(route, [alike, alike.map((error) => error / 2)])).toBe(0.5);
  });
});
