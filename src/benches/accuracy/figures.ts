/** What the accuracy bench claims in numbers: over the real sets alone. */
import { type Bound, type Figure, judgeFigure } from "../figures.ts";
import { type Claim, intervalClaims } from "./claims.ts";
import { BEST_TREES, nameOfMethod, type Ours } from "./methods.ts";
import { PUBLISHED_RMSE, type PublishedComparison } from "./published.ts";
import type { RivalSummary } from "./rivals.ts";
import { REAL_SETS } from "./sets.ts";
import type { SetTally } from "./tally.ts";

interface Measured {
  readonly real: readonly SetTally[];
  readonly rivals: readonly RivalSummary[];
  readonly published: readonly PublishedComparison[];
}

export function accuracyFigures({ real, rivals, published }: Measured): readonly Figure[] {
  const claims = [
    setsClaim(real),
    ...rivalClaims(rivals),
    reductionClaim(real),
    publishedClaim(published),
    ...intervalClaims(real),
  ];
  return claims.map(({ bound, missing, ...facts }) => {
    const how = facts.value === null ? `was not measured: no run of ${missing}` : facts.how;
    return judgeFigure({ ...facts, how }, bound);
  });
}

function setsClaim(real: readonly SetTally[]): Claim {
  const nSplits = real.reduce((sum, tally) => sum + tally.nSplits, 0);
  return {
    name: "acc.sets",
    value: real.length,
    unit: "sets",
    bound: { atLeast: REAL_SETS.length },
    how: `real sets that were run, of ${REAL_SETS.length}; ${nSplits} splits in all`,
    missing: "any set",
  };
}

/** A number from a rival's summary: its unit and its description. */
interface Reading {
  readonly unit: string;
  readonly of: (summary: RivalSummary) => number;
  readonly words: string;
}

const READINGS = {
  gm: { unit: "×", of: ({ gm }) => gm, words: "geometric mean of test MSE ÷ that of" },
  wins: {
    unit: "of sets",
    of: ({ wins, nSets }) => wins / nSets,
    words: "share of sets with a lower mean test MSE than",
  },
  worst: { unit: "×", of: ({ worst }) => worst, words: "largest of a set's test MSE ÷ that of" },
  "significantly-worse": {
    unit: "sets",
    of: ({ nWorse }) => nWorse,
    words: "sets significantly worse (corrected resampled t test, Holm over the sets) than",
  },
} satisfies Record<string, Reading>;

const CLAIMED: readonly (readonly [Ours, string, keyof typeof READINGS, Bound])[] = [
  ["nn", "single", "gm", { atMost: 0.87 }],
  ["nn", "single", "wins", { atLeast: 0.8 }],
  ["nn", "single", "worst", { atMost: 1.03 }],
  ["nn", "single", "significantly-worse", { atMost: 0 }],
  ["nn", "ensemble4", "gm", { atMost: 0.93 }],
  ["nn", "equalCost", "gm", { atMost: 0.97 }],
  ["all", "single", "gm", { atMost: 0.82 }],
  ["all", BEST_TREES, "gm", { atMost: 0.95 }],
  ["all", BEST_TREES, "wins", { atLeast: 0.65 }],
];
/** Where a figure's name calls a method by another name. */
const IN_FIGURES: Readonly<Record<string, string>> = { equalCost: "equal-cost" };

function rivalClaims(rivals: readonly RivalSummary[]): readonly Claim[] {
  return CLAIMED.map(([ours, rival, key, bound]) => {
    const { unit, of, words }: Reading = READINGS[key];
    const summary = rivals.find((one) => one.ours === ours && one.rival === rival);
    const name = `acc.${ours}-vs-${IN_FIGURES[rival] ?? rival}.${key}`;
    const missing = `the ${nameOfMethod(rival)} on a real set`;
    if (summary === undefined) return { name, value: null, unit, bound, how: "", missing };
    const how =
      `${nameOfMethod(ours)}: ${words} the ${summary.name}; ` +
      `over ${summary.nSets} sets, ${summary.nSplits} splits`;
    return { name, value: of(summary), unit, bound, how, missing };
  });
}

/** Against a net that was trained enough: one that was not is easily beaten. */
function reductionClaim(real: readonly SetTally[]): Claim {
  const reductions = real.flatMap(({ set, convergedNet, comparisons }) =>
    comparisons
      .filter(({ ours, rival }) => ours === "all" && rival === convergedNet)
      .map(({ rival, reduction }) => ({ set, rival, reduction })),
  );
  const [most] = reductions.sort((a, b) => b.reduction - a.reduction);
  return {
    name: "acc.max-reduction",
    value: most?.reduction ?? null,
    unit: "of MSE",
    bound: { atLeast: 0.35 },
    how:
      "all families: largest part taken off the test MSE of a single net that has converged, on " +
      `${most?.set} against the ${nameOfMethod(most?.rival ?? "")}, ` +
      `of ${reductions.length} sets that have one`,
    missing: "a real set with a single net that has converged",
  };
}

function publishedClaim(published: readonly PublishedComparison[]): Claim {
  const reached = published.filter(({ isReached }) => isReached);
  return {
    name: "acc.published.count",
    value: published.length === 0 ? null : reached.length,
    unit: "sets",
    bound: { atLeast: 5 },
    how:
      "all families: sets whose mean test RMSE is at most the best of three published ones, of " +
      `${published.length} that were run and ${Object.keys(PUBLISHED_RMSE).length} that have one`,
    missing: "a set with published errors",
  };
}
