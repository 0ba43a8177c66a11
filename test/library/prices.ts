/** Prices of flats that follow one law in the north and another in the south. */
import { createRng } from "../../src/shared/rng.ts";

export interface Flat {
  readonly id: number;
  readonly area: number;
  readonly year: number;
  readonly district: "north" | "south";
  readonly price: number;
}

/** @param shift - Added to prices in the south: another law there. */
export function drawFlats(nRows: number, seed: number, shift = 0): readonly Flat[] {
  const rng = createRng(seed);
  return Array.from({ length: nRows }, (_, id) => {
    const area = Math.round(30 + 120 * rng.uniform());
    const year = Math.round(1950 + 70 * rng.uniform());
    const district = rng.uniform() < 0.5 ? "north" : "south";
    const law = district === "north" ? 40 * area : 2500 + 12 * area + 20 * (year - 1950) + shift;
    return { id, area, year, district, price: Math.round(law + 30 * rng.normal()) };
  });
}

export function csvOf(flats: readonly Flat[]): string {
  const names = ["id", "area", "year", "district", "price"] as const;
  const lines = flats.map((flat) => names.map((name) => flat[name]).join(","));
  return `${[names.join(","), ...lines].join("\n")}\n`;
}

/** Settings of a fit that takes little time. */
export const QUICK = {
  preset: "fast",
  tuning: { steps: [300], extendTo: 300, learningRates: [0.01], weightDecays: [0.05] },
} as const;
