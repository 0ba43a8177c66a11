/** Sets for private fits, with what is publicly known of their columns. */
import { type Bounds, parseBounds } from "../../cluster/sites/index.ts";
import type { SiteRows } from "../../cluster/sums/index.ts";
import { openData, selectFrom } from "../../data/index.ts";
import { childSeed, createRng, shuffle } from "../../shared/rng.ts";
import { rowsOfTable, takeSiteRows } from "./cases.ts";

export interface PrivateSet {
  readonly name: string;
  readonly bounds: Bounds;
  readonly rows: SiteRows;
}

const N_INPUTS = 10;

/** Ranges as a person who knows the columns but no row would give them. */
const BOUNDS = {
  power: {
    target: { PE: [420, 500] },
    columns: { AT: [0, 40], V: [20, 90], AP: [980, 1040], RH: [0, 110] },
  },
  california: {
    target: { MedHouseVal: [0, 5.1] },
    columns: {
      MedInc: [0, 16],
      HouseAge: [0, 55],
      AveRooms: [0, 15],
      AveBedrms: [0, 3],
      Population: [0, 6000],
      AveOccup: [0, 8],
      Latitude: [32, 42],
      Longitude: [-125, -114],
    },
  },
} as const;

/**
 * Rows of a known law of ten uniform inputs, of which five matter (Friedman 1991): noise has the
 * variance 1, of 24 in all.
 */
export function friedmanSet(nRows: number, seed: number): PrivateSet {
  const rng = createRng(childSeed(seed, "friedman"));
  const names = Array.from({ length: N_INPUTS }, (_, j) => `x${j}`);
  const inputs = names.map(() => Float64Array.from({ length: nRows }, () => rng.uniform()));
  const y = Float64Array.from({ length: nRows }, (_, i) => {
    const [a, b, c, d, e] = inputs.map((values) => values[i]!);
    const curves = 10 * Math.sin(Math.PI * a! * b!) + 20 * (c! - 0.5) ** 2;
    return curves + 10 * d! + 5 * e! + rng.normal();
  });
  const columns = [...names, "y"].map((name, j) => {
    return { type: "number", name, values: inputs[j] ?? y } as const;
  });
  const ranges = Object.fromEntries(names.map((name) => [name, [0, 1]]));
  const bounds = parseBounds({ target: { y: [-5, 35] }, columns: ranges }, "friedman");
  return { name: "friedman", bounds, rows: rowsOfTable({ nRows, columns }, "y") };
}

/** @throws DATASET_UNKNOWN without the mirror that has it. */
export async function openPrivateSet(
  name: keyof typeof BOUNDS,
  mirror: string | undefined,
): Promise<PrivateSet> {
  const { features, targetName, y } = selectFrom(await openData(name, { mirror }), {});
  const bounds = parseBounds(BOUNDS[name], name);
  return { name, bounds, rows: { features, targetName, y } };
}

/** The first rows of a shuffle, and the next ones for the test. */
export function divideRows(
  rows: SiteRows,
  {
    nTrain,
    nTest,
    seed,
  }: { readonly nTrain: number; readonly nTest: number; readonly seed: number },
): { readonly train: SiteRows; readonly test: SiteRows } {
  const order = Int32Array.from(rows.y.keys());
  shuffle(order, createRng(childSeed(seed, "private")));
  return {
    train: takeSiteRows(rows, order.slice(0, nTrain)),
    test: takeSiteRows(rows, order.slice(nTrain, nTrain + nTest)),
  };
}
