/** Rows of generated sets at sites, in memory. */
import { addWords, fromWords, toWords } from "../../../src/cluster/masks/index.ts";
import {
  type AskSum,
  agreedColumns,
  createAnswerer,
  describeRows,
  type SiteDescription,
  type SiteRows,
} from "../../../src/cluster/sums/index.ts";
import {
  type GeneratorName,
  generate,
  selectTarget,
  type Table,
  takeTableRows,
} from "../../../src/data/index.ts";
import { createNetGradients } from "../../../src/experts/index.ts";

export function rowsOf(table: Table, target = "y"): SiteRows {
  const { features, targetName, y } = selectTarget(table, target);
  return { features, targetName, y };
}

/** A generated set, of which each site has the rows of one regime, or every n-th row. */
export function generatedSites(
  name: GeneratorName,
  nRows: number,
  { by, nSites }: { readonly by: "regime" | "turn"; readonly nSites: number },
): { readonly pooled: SiteRows; readonly sites: readonly SiteRows[] } {
  const { table, regimes } = generate(name, { nRows, seed: 1 });
  const siteOf = (i: number): number => (by === "regime" ? regimes[i]! : i) % nSites;
  const sites = Array.from({ length: nSites }, (_, s) => {
    const own = Int32Array.from(regimes.keys()).filter((i) => siteOf(i) === s);
    return rowsOf(takeTableRows(table, own));
  });
  return { pooled: rowsOf(table), sites };
}

/** What all sites have in common, and how to ask for a sum over their rows. */
export async function inMemory(
  sites: readonly SiteRows[],
): Promise<{ readonly said: SiteDescription; readonly askSum: AskSum }> {
  const engine = await createNetGradients();
  const answerers = sites.map((rows) => createAnswerer(engine, rows));
  return {
    said: agreedColumns(sites.map((rows, s) => ({ name: `s${s}`, said: describeRows(rows) }))),
    askSum: async (query) => {
      const [first, ...others] = answerers.map((answer) => toWords(answer(query), sites.length));
      for (const words of others) addWords(first!, words);
      return fromWords(first!);
    },
  };
}
