/** Errors over all test rows: against the noise, against rivals, and with corrupted targets. */
import { geometricMean } from "../../shared/statistics.ts";
import { type Figure, judgeFigure } from "../figures.ts";
import { claim, REGIME_SETS, type RegimeSet, type SummaryOf, seedsInWords } from "./claim.ts";
import { TREE_PEERS } from "./peers.ts";
import type { SetSummary } from "./summary.ts";

/** Most error ÷ the noise's variance. */
const MOST_ERROR = { intervals: 1.5, curve: 3.8, five: 2.5, hysteresis: 1.15 } as const;
const MOST_VS_RIVAL = 1;
/**
 * Most error of the preset `accurate` with a member of regimes ÷ that without: the geometric mean
 * of the sets, since on some the noise alone is more than that share.
 */
const MOST_WITH_VS_WITHOUT = 0.7;
/** With corrupted targets: least ARI, and most error ÷ that without. */
const LEAST_CORRUPTED_ARI = { intervals: 0.95, curve: 0.95, five: 0.8, hysteresis: 0.95 } as const;
const MOST_VS_CLEAN = 1.6;
const PW_LINEAR = { set: "pw-linear", nRegimes: 2, mostError: 1.3 };

export function errorFigures(of: SummaryOf): readonly Figure[] {
  return [
    ...REGIME_SETS.map((set) => errorFigure(set, of(set))),
    ...REGIME_SETS.flatMap((set) => rivalFigures(set, of(set))),
    memberFigure(REGIME_SETS.map((set) => of(set)?.withVsWithout ?? null)),
    ...REGIME_SETS.flatMap((set) => corruptedFigures(set, of(set))),
    ...pwLinearFigures(of(PW_LINEAR.set)),
  ];
}

function errorFigure(set: RegimeSet, summary: SetSummary | undefined): Figure {
  const facts = { name: `regimes.error.${set}`, unit: "×", bound: { atMost: MOST_ERROR[set] } };
  return claim(facts, summary, (own) => ({
    value: own.clean.all,
    how:
      `test mse over all rows ÷ noise variance, ${seedsInWords(own)}; ` +
      (own.clean.bandShare === null
        ? "bands were not measured"
        : `${(100 * own.clean.bandShare).toFixed(1)} % of the rows are blended in a band`),
  }));
}

/** Ratios of medians, but for the preset `accurate`, which is fitted with the first seed alone. */
function rivalFigures(set: RegimeSet, summary: SetSummary | undefined): readonly Figure[] {
  const peers = summary?.peers ?? [];
  const dividing = peers.filter(({ ari }) => ari !== null).sort((a, b) => a.error - b.error);
  const against = (rival: string, peer: (typeof peers)[number] | undefined): Figure => {
    const name = `regimes.error-vs-${rival}.${set}`;
    return claim({ name, unit: "×", bound: { atMost: MOST_VS_RIVAL } }, summary, (own) => {
      if (peer === undefined)
        return { value: null, how: "was not measured: no such peer answered" };
      const value = own.clean.all / peer.error;
      return { value, how: `our median error ÷ that of ${peer.name}, ${peer.error.toFixed(2)}` };
    });
  };
  const name = `regimes.error-vs-accurate.${set}`;
  const bound = { atMost: MOST_VS_RIVAL };
  const accurate = claim({ name, unit: "×", bound }, summary, ({ vsAccurate }) => ({
    value: vsAccurate,
    how:
      vsAccurate === null
        ? "was not measured: the preset was not fitted"
        : "our error ÷ that of the preset accurate without a member of regimes, first seed",
  }));
  return [
    against("best-peer", dividing[0]),
    ...TREE_PEERS.map((tree) =>
      against(
        tree,
        peers.find((peer) => peer.name === tree),
      ),
    ),
    accurate,
  ];
}

/** @param ratios - Of each set; null where the preset was not fitted. */
function memberFigure(ratios: readonly (number | null)[]): Figure {
  const fitted = ratios.filter((ratio) => ratio !== null);
  const isWhole = fitted.length === REGIME_SETS.length;
  const facts = {
    name: "regimes.accurate-with-vs-without.gm",
    value: isWhole ? geometricMean(fitted) : null,
    unit: "×",
    how: isWhole
      ? "error of the preset accurate with a member of regimes ÷ that without, first seed: " +
        REGIME_SETS.map((set, s) => `${set} ${fitted[s]!.toFixed(3)}`).join(", ")
      : "was not measured: the preset was not fitted on every set",
  };
  return judgeFigure(facts, { atMost: MOST_WITH_VS_WITHOUT });
}

function corruptedFigures(set: RegimeSet, summary: SetSummary | undefined): readonly Figure[] {
  const name = (what: string): string => `regimes.corrupted.${what}.${set}`;
  const least = { atLeast: LEAST_CORRUPTED_ARI[set] };
  const fits = ({ corrupted }: SetSummary): string =>
    `5 % of the training targets are those of other rows, ${corrupted?.nRegimes.length} seeds`;
  return [
    claim({ name: name("ari"), unit: "ARI", bound: least }, summary, (own) =>
      own.corrupted === null ? null : { value: own.corrupted.ari, how: `${fits(own)}: median` },
    ),
    claim({ name: name("error"), unit: "×", bound: { atMost: MOST_VS_CLEAN } }, summary, (own) =>
      own.corrupted === null
        ? null
        : { value: own.corrupted.all / own.clean.all, how: `${fits(own)}: ÷ the error without` },
    ),
  ];
}

function pwLinearFigures(summary: SetSummary | undefined): readonly Figure[] {
  const { set, nRegimes, mostError } = PW_LINEAR;
  const right = { name: `regimes.count.${set}`, unit: "of the seeds", bound: { atLeast: 0.5 } };
  const error = { name: `regimes.error.${set}`, unit: "×", bound: { atMost: mostError } };
  return [
    claim(right, summary, ({ clean }) => {
      const hits = clean.nRegimes.filter((count) => count === nRegimes).length;
      const how = `share of the seeds that find ${nRegimes} regimes: ${clean.nRegimes.join(", ")}`;
      return { value: hits / clean.nRegimes.length, how };
    }),
    claim(error, summary, (own) => ({
      value: own.clean.all,
      how: `test mse over all rows ÷ noise variance, ${seedsInWords(own)}`,
    })),
  ];
}
