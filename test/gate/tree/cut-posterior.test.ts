import { describe, expect, test } from "vitest";
import { cutDistribution, medianCut, shareBelow } from "../../../src/gate/tree/cut-posterior.ts";
import { matrix } from "../../../src/shared/matrix.ts";

// Values 0, 1, 3, 4; the first two rows belong left at a cost of 9 on the right, the others likewise.
const X = matrix(Float32Array.of(0, 1, 3, 4), 4, 1);
const ORDERED = { X, feature: 0, rows: Int32Array.of(0, 1, 2, 3) };

describe("the distribution of a cut", () => {
  test("is uniform over the one gap that costs nothing", () => {
    const costs = { left: Float64Array.of(0, 0, 9, 9), right: Float64Array.of(9, 9, 0, 0) };
    const cut = cutDistribution(ORDERED, costs)!;
    expect([...cut.values]).toEqual([1, 3]);
    expect([...cut.below]).toEqual([0, 1]);
    expect(medianCut(cut)).toBe(2);
    expect([0, 1, 1.5, 2, 3, 4].map((value) => shareBelow(cut, value))).toEqual([
      0, 0, 0.25, 0.5, 1, 1,
    ]);
  });

  test("weighs gaps by their width and by exp(−cost)", () => {
    // Row 1 costs log 2 more on the left than on the right: the gap 0 to 1, of width 1, costs
    // nothing, and the gap 1 to 3, of width 2, costs log 2. Both weigh 1.
    const costs = {
      left: Float64Array.of(0, Math.log(2), 9, 9),
      right: Float64Array.of(9, 0, 0, 0),
    };
    const cut = cutDistribution(ORDERED, costs)!;
    expect([...cut.values]).toEqual([0, 1, 3]);
    expect(cut.below[1]).toBeCloseTo(0.5, 12);
    expect(medianCut(cut)).toBeCloseTo(1, 12);
  });

  test("does not exist where all values are equal", () => {
    const equal = { ...ORDERED, X: matrix(new Float32Array(4), 4, 1) };
    const costs = { left: new Float64Array(4), right: new Float64Array(4) };
    expect(cutDistribution(equal, costs)).toBeNull();
  });
});
