/** The figures of the regimes bench, computed from the measurements, and the bound of each. */
import { type Bound, type Figure, judgeFigure } from "../figures.ts";
import { claim, REGIME_SETS, type RegimeSet, type SummaryOf, seedsInWords } from "./claim.ts";
import { costFigures } from "./cost-figures.ts";
import { errorFigures } from "./error-figures.ts";
import type { GateSpeed } from "./gates.ts";
import { decidingFeature } from "./sets.ts";
import type { RegimeRow, SetSummary } from "./summary.ts";

/** Least median ARI. */
const LEAST_ARI = { intervals: 0.985, curve: 0.98, five: 0.97, hysteresis: 0.99 } as const;
/** Least share of the seeds whose verdict is worth it; on other sets none may be. */
const LEAST_WORTH = { five: 1, curve: 1, intervals: 0.6, hysteresis: 0.6 } as const;
const NOT_WORTH_IT = ["crest", "overlap"] as const;
/** Sets on which no peer may be as good. */
const LEAST_BEATEN = 3;
/** Where rows away from boundaries must come near the noise, and how near. */
const NEAR_NOISE = ["intervals", "curve", "hysteresis"] as const;
const MOST_NOISES = 1.5;
/** The feature that switches two-planes is −1 or 1: the truth is 0, the range 2. */
const PLANES = { set: "two-planes", truth: 0, range: 2, mostError: 0.05 };

/** A figure of sets that were not in the run has no value. */
export function regimeFigures(
  rows: readonly RegimeRow[],
  summaries: readonly SetSummary[],
  gates: readonly GateSpeed[],
): readonly Figure[] {
  const of: SummaryOf = (set) => summaries.find((one) => one.set === set);
  const timed = [...REGIME_SETS, ...NOT_WORTH_IT].flatMap((set) => of(set) ?? []);
  return [
    ...errorFigures(of),
    ...REGIME_SETS.map((set) => ariFigure(set, of(set))),
    ...REGIME_SETS.map((set) => worthFigure(set, of(set), { atLeast: LEAST_WORTH[set] })),
    ...NOT_WORTH_IT.map((set) => worthFigure(set, of(set), { atMost: 0 })),
    ...REGIME_SETS.map((set) => bestPeerFigure(set, of(set))),
    beatenFigure(REGIME_SETS.flatMap((set) => of(set) ?? [])),
    ...NEAR_NOISE.map((set) => noiseFigure(set, of(set))),
    ...costFigures(of, timed, gates),
    thresholdFigure(rows.filter(({ set }) => set === PLANES.set)),
  ];
}

function ariFigure(set: RegimeSet, summary: SetSummary | undefined): Figure {
  const bound = { atLeast: LEAST_ARI[set] };
  return claim({ name: `regimes.ari.${set}`, unit: "ARI", bound }, summary, (own) => ({
    value: own.clean.ari,
    how: `adjusted Rand index of routed test rows against the true regimes, ${seedsInWords(own)}`,
  }));
}

function worthFigure(set: string, summary: SetSummary | undefined, bound: Bound): Figure {
  const facts = { name: `regimes.${set}.worth-it`, unit: "of the seeds", bound };
  return claim(facts, summary, ({ worthIt, nJudged }) => ({
    value: worthIt / nJudged,
    how: `share of the seeds whose fit says partitioning is worth it: ${worthIt} of ${nJudged} do`,
  }));
}

function bestPeerFigure(set: string, summary: SetSummary | undefined): Figure {
  const facts = { name: `regimes.best-peer.${set}`, unit: "ARI" };
  const dividing = summary?.peers.filter(({ ari }) => ari !== null) ?? [];
  const [best] = dividing;
  if (best === undefined) {
    return { ...facts, value: null, must: "< ours", ok: null, how: "was not measured: no peer" };
  }
  const { clean, seeds } = summary!;
  const how =
    `of ${best.name}, the best of ${dividing.length} peers by median ARI over the seeds that it ` +
    `solved (${best.solved} of ${seeds.length}); peers are told the true number of regimes; the ` +
    "bound is ours";
  return judgeFigure({ ...facts, value: best.ari, how }, { below: clean.ari! });
}

function beatenFigure(summaries: readonly SetSummary[]): Figure {
  const facts = { name: "regimes.best-peer.beaten", unit: "sets" };
  const compared = summaries.filter(({ peers }) => peers.some(({ ari }) => ari !== null));
  const beaten = compared.filter(({ clean, peers }) =>
    peers.every(({ ari }) => ari === null || clean.ari! > ari),
  ).length;
  const names = REGIME_SETS.join(", ");
  const measured =
    compared.length === REGIME_SETS.length
      ? { value: beaten, how: `of ${names}: where our median ARI is above every peer's` }
      : { value: null, how: `was not measured: it takes peers' answers on ${names}` };
  return judgeFigure({ ...facts, ...measured }, { atLeast: LEAST_BEATEN });
}

function noiseFigure(set: string, summary: SetSummary | undefined): Figure {
  const bound = { atMost: MOST_NOISES };
  return claim({ name: `regimes.mse-vs-noise.${set}`, unit: "×", bound }, summary, (own) => {
    const { away, near, all, nearShare } = own.clean;
    const how =
      "routed test mse ÷ noise variance of rows not flagged as near a boundary, " +
      `${seedsInWords(own)}; the ${(100 * nearShare).toFixed(1)} % that are flagged: ` +
      `${near?.toFixed(2) ?? "none"}, all rows: ${all.toFixed(2)}`;
    return { value: away, how };
  });
}

/** The worst seed's: of each the threshold nearest the truth, infinite if no rule names it. */
function thresholdFigure(rows: readonly RegimeRow[]): Figure {
  const { set, truth, range, mostError } = PLANES;
  const facts = { name: `regimes.${set}.threshold-error`, unit: "of the range" };
  const bound = { atMost: mostError };
  const named = rows.filter(({ clean }) => clean.thresholds.length > 0).length;
  const errors = rows.map(({ clean: { thresholds } }) =>
    Math.min(...thresholds.map((threshold) => Math.abs(threshold - truth) / range)),
  );
  return claim({ ...facts, bound }, rows[0], () => ({
    value: Math.max(...errors),
    how:
      `the rules' threshold for ${decidingFeature(set)}, its distance from ${truth}; the worst ` +
      `of ${rows.length} seeds, of which ${named} name the feature`,
  }));
}
