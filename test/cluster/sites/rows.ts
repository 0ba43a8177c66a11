/** Rows of generated sets at sites, in memory. */
import { rowsOfTable } from "../../../src/benches/sites/cases.ts";
import { sumsInMemory } from "../../../src/benches/sites/in-process.ts";
import type { SiteRows } from "../../../src/cluster/sums/index.ts";
import {
  type GeneratorName,
  generate,
  type Table,
  takeTableRows,
} from "../../../src/data/index.ts";
import { createNetGradients } from "../../../src/experts/index.ts";

export function rowsOf(table: Table, target = "y"): SiteRows {
  return rowsOfTable(table, target);
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
): Promise<ReturnType<typeof sumsInMemory>> {
  return sumsInMemory(await createNetGradients(), sites);
}
