/** The figures of the regimes bench, computed from the measurements, and the bound of each. */
import { type Bound, type Figure, judgeFigure } from "../figures.ts";
import { decidingFeature } from "./sets.ts";
import type { RegimeRow, SetSummary } from "./summary.ts";

/** Least median ARI. */
const LEAST_ARI = { intervals: 0.95, curve: 0.9, hysteresis: 0.95, five: 0.6 } as const;
const SETS = Object.keys(LEAST_ARI) as readonly (keyof typeof LEAST_ARI)[];
const NOT_WORTH_IT = ["crest", "overlap"] as const;
/** Sets on which no peer may be as good. */
const LEAST_BEATEN = 3;
/** Where rows away from boundaries must come near the noise, and how near. */
const NEAR_NOISE = ["intervals", "curve", "hysteresis"] as const;
const MOST_NOISES = 1.5;
const MOST_FIT_SECONDS = 60;
/** The feature that switches two-planes is −1 or 1: the truth is 0, the range 2. */
const PLANES = { set: "two-planes", truth: 0, range: 2, mostError: 0.05 };

/** A figure of sets that were not in the run has no value. */
export function regimeFigures(
  rows: readonly RegimeRow[],
  summaries: readonly SetSummary[],
): readonly Figure[] {
  const of = (set: string): SetSummary | undefined => summaries.find((one) => one.set === set);
  const timed = [...SETS, ...NOT_WORTH_IT].flatMap((set) => of(set) ?? []);
  return [
    ...SETS.map((set) => ariFigure(set, of(set))),
    ...NOT_WORTH_IT.map((set) => verdictFigure(set, of(set))),
    ...SETS.map((set) => bestPeerFigure(set, of(set))),
    beatenFigure(SETS.flatMap((set) => of(set) ?? [])),
    ...NEAR_NOISE.map((set) => noiseFigure(set, of(set))),
    timeFigure(timed),
    thresholdFigure(rows.filter(({ set }) => set === PLANES.set)),
  ];
}

type Claim = Pick<Figure, "name" | "unit"> & { readonly bound: Bound };
type Measured = Pick<Figure, "value" | "how">;

/** What `measure` makes of a subject; no value if there is none. */
function claim<Subject>(
  { bound, ...facts }: Claim,
  subject: Subject | undefined,
  measure: (subject: Subject) => Measured,
): Figure {
  const missing = { value: null, how: "was not measured: its sets were not in the run" };
  return judgeFigure({ ...facts, ...(subject === undefined ? missing : measure(subject)) }, bound);
}

function seedsInWords({ seeds }: SetSummary): string {
  return `median over ${seeds.length} seeds of data and fit`;
}

function ariFigure(set: keyof typeof LEAST_ARI, summary: SetSummary | undefined): Figure {
  const bound = { atLeast: LEAST_ARI[set] };
  return claim({ name: `regimes.ari.${set}`, unit: "ARI", bound }, summary, (own) => ({
    value: own.clean.ari,
    how: `adjusted Rand index of routed test rows against the true regimes, ${seedsInWords(own)}`,
  }));
}

function verdictFigure(set: string, summary: SetSummary | undefined): Figure {
  const facts = { name: `regimes.${set}.worth-it`, unit: "verdict", bound: { atMost: 0 } };
  return claim(facts, summary, ({ worthIt, nJudged }) => ({
    value: Number(worthIt > 0),
    how: `1 if any seed's fit says partitioning is worth it: ${worthIt} of ${nJudged} do`,
  }));
}

function bestPeerFigure(set: string, summary: SetSummary | undefined): Figure {
  const facts = { name: `regimes.best-peer.${set}`, unit: "ARI" };
  const best = summary?.peers[0];
  if (best === undefined) {
    return { ...facts, value: null, must: "< ours", ok: null, how: "was not measured: no peer" };
  }
  const { clean, peers, seeds } = summary!;
  const how =
    `of ${best.name}, the best of ${peers.length} peers by median ARI over the seeds that it ` +
    `solved (${best.solved} of ${seeds.length}); peers are told the true number of regimes; the ` +
    "bound is ours";
  return judgeFigure({ ...facts, value: best.ari, how }, { below: clean.ari! });
}

function beatenFigure(summaries: readonly SetSummary[]): Figure {
  const facts = { name: "regimes.best-peer.beaten", unit: "sets" };
  const compared = summaries.filter(({ peers }) => peers.length > 0);
  const beaten = compared.filter(({ clean, peers }) => clean.ari! > peers[0]!.ari).length;
  const names = SETS.join(", ");
  const measured =
    compared.length === SETS.length
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

function timeFigure(summaries: readonly SetSummary[]): Figure {
  const facts = { name: "regimes.fit-seconds", unit: "s", bound: { atMost: MOST_FIT_SECONDS } };
  const [slowest] = [...summaries].sort((a, b) => b.wallSeconds - a.wallSeconds);
  return claim(facts, slowest, (own) => ({
    value: own.wallSeconds,
    how:
      `a fit with verdict and explanation on ${own.set}, the slowest of ${summaries.length} ` +
      `generated sets, ${seedsInWords(own)}; ${own.cpuSeconds.toFixed(1)} s of CPU`,
  }));
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
