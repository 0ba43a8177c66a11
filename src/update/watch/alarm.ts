/** How much evidence is enough for an alarm. */

/** Probability of a false alarm in all of a member's experts together, ever. */
export const DEFAULT_ALPHA = 0.001;

/** ln of the evidence that is enough: two questions an expert share the probability. */
export function alarmThreshold(nExperts: number, alpha: number): number {
  return Math.log((2 * nExperts) / alpha);
}
