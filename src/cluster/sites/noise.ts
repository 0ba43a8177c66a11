/**
 * A site's own part of the noise of a sum.
 *
 * Of a masked sum each site adds a share, so large that the shares of all but one of the fewest
 * sites whose sum is ever opened are the whole noise: who knows its own share, a site, sees the sum
 * under the rest. A sum of which the coordinator sees this site's part has the whole noise here.
 */
import { FIXED_POINT } from "../../shared/fixed-point.ts";
import { thresholdOf, type Words } from "../masks/index.ts";
import { addDiscreteGaussian } from "../privacy/index.ts";

/** Sites whose shares are together the whole noise. */
export function noiseShares(sites: readonly string[], isMasked: boolean): number {
  return isMasked ? thresholdOf({ names: sites }) - 1 : 1;
}

/**
 * The words with one share of the noise.
 *
 * @param noise - The standard deviation of all shares, in the most that one row can change a sum.
 */
export function withNoise(words: Words, noise: number, nShares: number): Words {
  const noised = words.slice();
  addDiscreteGaussian(noised, (noise * FIXED_POINT) / Math.sqrt(nShares));
  return noised;
}
