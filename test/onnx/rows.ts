/** Tables that hold all that a table may: numbers, gaps, extremes, known and unknown levels. */
import type { Column, Preprocessing, Table } from "../../src/data/index.ts";
import { createRng } from "../../src/shared/rng.ts";

/** Rows drawn at random around the features' own means, each tenth cell missing, codes among them. */
export function makeTable({ features }: Preprocessing, nRows: number, seed: number): Table {
  const rng = createRng(seed);
  const columns = features.map((feature): Column => {
    const { name } = feature;
    if (feature.type === "category") {
      const levels = [...feature.levels, "no such level", "", null];
      const values = Array.from({ length: nRows }, () => levels[rng.int(levels.length)]!);
      return { type: "category", name, values };
    }
    const values = Float64Array.from({ length: nRows }, () => {
      const { codes = [], knots = [] } = feature;
      if (rng.uniform() < 0.1) return [Number.NaN, ...codes][rng.int(codes.length + 1)]!;
      if (rng.uniform() < 0.7 && knots.length > 0) {
        const q = rng.int(knots.length - 1);
        return knots[q]! + rng.uniform() * (knots[q + 1]! - knots[q]!);
      }
      const far = rng.uniform() < 0.05 ? 1e9 : 1;
      return feature.mean + feature.scale * rng.normal() * far;
    });
    return { type: "number", name, values };
  });
  return { nRows, columns };
}
