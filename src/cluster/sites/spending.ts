/** The ε that noised sums of one site's rows have together, and a limit that it may not pass. */
import { BailiwickError } from "../../shared/errors.ts";
import { figure } from "../../shared/wording.ts";
import { gaussianEpsilon, joinedNoise } from "../privacy/index.ts";

export interface PrivacyLimit {
  readonly epsilon: number;
  readonly delta: number;
}

/** Of a ledger without a limit: the δ at which ε is told. */
export const DEFAULT_DELTA = 1e-6;

export interface Spending {
  /** ε with one more sum of that noise; nothing is spent by it. */
  after(noise: number): number;
  /**
   * @param asked - The noise of a sum; null for a sum without noise.
   * @throws SITE_REFUSED if the limit would be passed.
   */
  check(asked: number | null): void;
  /** Notes that a sum of that noise is told. */
  add(noise: number): void;
}

export function createSpending(limit: PrivacyLimit | null): Spending {
  const noises: number[] = [];
  const delta = limit?.delta ?? DEFAULT_DELTA;
  const after = (noise: number): number => gaussianEpsilon(joinedNoise([...noises, noise]), delta);
  return {
    after,
    check: (asked) => {
      if (limit === null) return;
      const most = `its limit of epsilon ${figure(limit.epsilon)} at delta ${limit.delta}`;
      if (asked === null) {
        throw refused(`a site with a limit answers noised sums only, ${most}`);
      }
      const epsilon = after(asked);
      if (epsilon <= limit.epsilon * (1 + TOLERANCE)) return;
      const spent = noises.length === 0 ? 0 : gaussianEpsilon(joinedNoise(noises), delta);
      throw refused(
        `with this sum the site would have told epsilon ${figure(epsilon)}, beyond ${most}; ` +
          `epsilon ${figure(spent)} is spent`,
      );
    },
    add: (noise) => void noises.push(noise),
  };
}

/** Of computed noise: a fit of ε 3 is within a limit of 3. */
const TOLERANCE = 1e-9;

/** In ASCII: it leaves as a header. */
function refused(message: string): BailiwickError {
  return new BailiwickError("SITE_REFUSED", message);
}
