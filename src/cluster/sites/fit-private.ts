/** A private fit of rows at sites, as the content of an ordinary bundle. */
import type { BundleContent } from "../../bundle/index.ts";
import { sha256 } from "../../shared/hash.ts";
import type { Progress } from "../../shared/progress.ts";
import type { Fabric } from "../fabric/index.ts";
import { type AskOptions, joinPrivately } from "./join-sites.ts";
import { fitPrivateRidge, type PrivateFit, type PrivateOptions } from "./private-ridge.ts";
import type { SiteName } from "./site-link.ts";

export interface FittedPrivately extends PrivateFit {
  readonly content: BundleContent;
}

const PRESET = "sites";
const ACCOUNTANT = "Gaussian mechanism, exactly (Balle & Wang 2018)";

/** @throws as `fitPrivateRidge`; SITE_UNAVAILABLE; SITE_REFUSED saying why. */
export async function fitPrivately(
  fabric: Fabric,
  sites: readonly SiteName[],
  { progress, ...options }: PrivateOptions & AskOptions & { readonly progress: Progress },
): Promise<FittedPrivately> {
  const { bounds, delta } = options;
  const fitted = await fitPrivateRidge(options, joinPrivately(fabric, sites, options), progress);
  const { preprocessing, expert, nRows, epsilon, sums } = fitted;
  const mixture = { experts: [expert], gate: null, recombination: "smooth" } as const;
  const provenance = {
    dataName: sites.map(({ zone, name }) => `${zone}.${name}`).join(", "),
    // Of what is public: nothing else is known of the rows but the sums.
    dataSha256: sha256(JSON.stringify(bounds)),
    seed: 0,
    engine: "reference",
    nTrain: nRows,
    preset: PRESET,
    privacy: { unit: "row", epsilon, delta, accountant: ACCOUNTANT, sums },
    metrics: null,
    verdict: { partitioning: "undecided", why: WHY },
  } as const;
  const residuals = { nSamples: 0, meanError: 0, meanSquaredError: 0, meanFourthPower: 0 };
  return {
    ...fitted,
    content: {
      model: { preprocessing, members: [{ weight: 1, mixture }] },
      facts: { provenance, experts: [[{ share: 1, residuals }]] },
    },
  };
}

const WHY = "a private fit makes one ridge: each regime would have fewer rows for the same noise";
