/** A claim is a figure before it is judged; here those about intervals. */
import { mean } from "../../metrics/index.ts";
import type { Bound, Figure } from "../figures.ts";
import type { SetTally } from "./tally.ts";

export interface Claim extends Pick<Figure, "name" | "value" | "unit" | "how"> {
  readonly bound: Bound;
  /** What would have had to be run, where there is no value. */
  readonly missing: string;
}

export function intervalClaims(real: readonly SetTally[]): readonly Claim[] {
  const coverages = real.map(({ coverage }) => coverage);
  const shares = coverages.map(({ share }) => share);
  const isEmpty = real.length === 0;
  const claims = [
    {
      key: "coverage-min",
      value: isEmpty ? null : Math.min(...shares),
      unit: "of rows",
      bound: { atLeast: 0.87 },
      how: "least part of a set's test rows, all splits together, within its 90 % interval",
    },
    {
      key: "coverage-max",
      value: isEmpty ? null : Math.max(...shares),
      unit: "of rows",
      bound: { atMost: 0.93 },
      how: "largest part of a set's test rows, all splits together, within its 90 % interval",
    },
    outsideClaim(real),
    {
      key: "width-vs-global",
      value: isEmpty ? null : mean(coverages.map(({ widthVsGlobal }) => widthVsGlobal)),
      unit: "×",
      bound: { atMost: 1 },
      how: "mean width of intervals by regime ÷ width of one interval for all, mean of the sets",
    },
  ];
  return claims.map(({ key, how, ...facts }) => ({
    ...facts,
    name: `acc.conformal.${key}`,
    how: `${how}; over ${real.length} sets`,
    missing: "a real set",
  }));
}

function outsideClaim(
  real: readonly SetTally[],
): Omit<Claim, "name" | "missing"> & { readonly key: string } {
  const nRegimes = real.reduce((sum, { coverage }) => sum + coverage.nRegimes, 0);
  const nOutside = real.reduce((sum, { coverage }) => sum + coverage.nOutside, 0);
  const nConformal = real.reduce((sum, { coverage }) => sum + coverage.nOutsideConformal, 0);
  return {
    key: "regimes-outside",
    value: nRegimes === 0 ? null : nOutside / nRegimes,
    unit: "of regimes",
    bound: { atMost: 0.02 },
    how:
      "regimes of a split, of 20 test rows or more, whose count within intervals is outside the " +
      `binomial's 99 % about 90 %: ${nOutside} of ${nRegimes}; allowing for the chance in the ` +
      `width itself (beta-binomial): ${nConformal}`,
  };
}
