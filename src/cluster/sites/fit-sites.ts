/** A fit of rows at sites, as the content of an ordinary bundle: it holds no row. */
import type { BundleContent } from "../../bundle/index.ts";
import { sha256 } from "../../shared/hash.ts";
import type { Progress } from "../../shared/progress.ts";
import type { Fabric } from "../fabric/index.ts";
import { type FittedSums, fitSums, type SumOptions } from "./fit-sums.ts";
import { type AskOptions, joinSites } from "./join-sites.ts";
import type { SiteName } from "./site-link.ts";

export interface FittedSites extends FittedSums {
  readonly content: BundleContent;
  readonly nRows: number;
}

/** What a bundle says of where it comes from, in place of a preset. */
const PRESET = "sites";

/** @throws as `joinSites` and `fitSums`; SITE_REFUSED saying why. */
export async function fitSites(
  fabric: Fabric,
  sites: readonly SiteName[],
  { progress, ...options }: SumOptions & AskOptions & { readonly progress: Progress },
): Promise<FittedSites> {
  const { said, leastShare, askSum } = await joinSites(fabric, sites, options);
  const fitted = await fitSums(said, { ...options, leastShare }, askSum, progress);
  const { model, experts, verdict, expectation } = fitted;
  const dataName = sites.map(({ zone, name }) => `${zone}.${name}`).join(", ");
  const provenance = {
    dataName,
    // Of the columns and the number of rows: no site tells a hash of its rows.
    dataSha256: sha256(JSON.stringify(said)),
    seed: options.seed,
    engine: "reference",
    nTrain: said.nRows,
    preset: PRESET,
    metrics: expectation,
    verdict,
  } as const;
  return {
    ...fitted,
    content: { model, facts: { provenance, experts: [experts] } },
    nRows: said.nRows,
  };
}
