/** The figures of the sites bench, computed from its measurements. */
import { type Figure, judgeFigure } from "../figures.ts";
import type { Accounting } from "./accounting.ts";
import { comparedFigures } from "./compared-figures.ts";
import type { ComparedRow } from "./compared-row.ts";
import type { Exactness } from "./exactness.ts";
import type { PrivateMeasured } from "./private.ts";
import { privateFigures } from "./private-figures.ts";
import type { MaskedRound, Regional, Traffic } from "./traffic.ts";

export interface SitesMeasurements {
  /** null of a part that was not measured. */
  readonly exactness: Exactness | null;
  readonly regional: Regional | null;
  readonly masked: MaskedRound | null;
  readonly accounting: Accounting | null;
  readonly private: PrivateMeasured | null;
  /** Fits of sites beside others, one row a set and seed. */
  readonly compared: readonly ComparedRow[];
}

const FLOAT_BYTES = 4;
/** Of a slow link to the coordinator, which all messages of a round share. */
const [LINK_BITS_PER_S, ROUND_TRIP_S] = [10e6, 0.08];
/** Masked words, and what opens their sum. */
const EXCHANGES = 2;

/** Of the parts that were measured. */
export function sitesFigures(measured: SitesMeasurements): readonly Figure[] {
  const { exactness, regional, masked, accounting, private: privately, compared } = measured;
  return [
    ...(exactness === null ? [] : exactnessFigures(exactness)),
    ...(regional === null ? [] : regionalFigures(regional)),
    ...(masked === null ? [] : maskedFigures(masked)),
    ...(accounting === null ? [] : accountingFigures(accounting)),
    ...(privately === null ? [] : privateFigures(privately)),
    ...(compared.length === 0 ? [] : comparedFigures(compared)),
  ];
}

function exactnessFigures(exact: Exactness): readonly Figure[] {
  const { nSites, nRegions, nRows, steps, comparedWords } = exact;
  const sites = `${nRows} rows at ${nSites} sites by regime, masked sums`;
  return [
    judgeFigure(
      {
        name: "sites.ridge-vs-pooled",
        value: exact.ridgeRounds === 1 ? exact.ridge : Number.POSITIVE_INFINITY,
        unit: "relative",
        how:
          "ridges of degree 2 by regime from one sum: largest difference of a coefficient from " +
          `that of all rows ÷ the largest coefficient, ${sites}; infinite if it took more rounds`,
      },
      { atMost: 1e-6 },
    ),
    judgeFigure(
      {
        name: "sites.nets-vs-pooled",
        value: exact.nets,
        unit: "",
        how:
          `4 nets and their gate after ${steps} steps on the same draws: largest difference of ` +
          `a parameter from those that all rows give, ${sites}`,
      },
      { atMost: 1e-4 },
    ),
    judgeFigure(
      {
        name: "sites.regional-different-words",
        value: exact.differentWords,
        unit: "",
        how:
          `words of 32 bits that differ between the sum of ${nRegions} regions and that of all ` +
          `sites at once, of ${comparedWords} of a ridge and a gradient`,
      },
      { atMost: 0 },
    ),
  ];
}

function regionalFigures({ nSites, nRegions, flat, regional }: Regional): readonly Figure[] {
  const how = `${nSites} sites in ${nRegions} regions ÷ all at once, one gradient of 4 nets`;
  const figure = (name: string, of: (traffic: Traffic) => number, more: string, atMost: number) => {
    const value = of(regional) / of(flat);
    return judgeFigure({ name, value, unit: "×", how: `${more}, ${how}` }, { atMost });
  };
  return [
    figure("sites.regional-messages", ({ messages }) => messages, "messages at the links", 0.1),
    figure("sites.regional-bytes", ({ bytes }) => bytes, "bytes at the links", 0.1),
    figure(
      "sites.regional-round-time",
      ({ bytes }) => EXCHANGES * ROUND_TRIP_S + (8 * bytes) / LINK_BITS_PER_S,
      "time of those bytes and of two round trips, calculated for 10 Mbit/s and 80 ms without " +
        "the links within a region",
      0.37,
    ),
  ];
}

function maskedFigures(masked: MaskedRound): readonly Figure[] {
  const { nSites, nNumbers, rounds, sentBytes, siteCpuMs, coordinatorCpuMs } = masked;
  return [
    judgeFigure(
      {
        name: "sites.masked-bytes-vs-float32",
        value: sentBytes / (FLOAT_BYTES * nNumbers),
        unit: "×",
        how:
          `all that a site sends a round, with shares and what opens the sum, ÷ ${nNumbers} ` +
          `numbers of 32 bits; ${nSites} sites`,
      },
      { atMost: 2.2 },
    ),
    judgeFigure(
      {
        name: "sites.site-cpu",
        value: siteCpuMs,
        unit: "ms",
        how:
          `CPU of one of ${nSites} sites a round, its gradient of 4 nets and its messages ` +
          `included, median of ${rounds} rounds; the coordinator took ` +
          `${Math.round(coordinatorCpuMs)} ms for all`,
      },
      { atMost: 10 },
    ),
  ];
}

function accountingFigures(accounting: Accounting): readonly Figure[] {
  const { nSettings, rdp, pld, rdpAbove, rdpDifferent } = accounting;
  const per = (share: number): string => `${(100 * share).toPrecision(2)} %`;
  const beside = `largest difference from dp-accounting's over ${nSettings} random settings`;
  return [
    judgeFigure(
      {
        name: "sites.epsilon-rdp",
        value: 100 * rdp,
        unit: "%",
        how:
          `${beside}, by Rényi divergences; ${rdpDifferent} differ by more than .1 %, and ours ` +
          `is never more than ${per(rdpAbove)} above`,
      },
      { atMost: 0.1 },
    ),
    judgeFigure(
      {
        name: "sites.epsilon-pld",
        value: 100 * pld,
        unit: "%",
        how: `${beside}, by privacy loss distributions`,
      },
      { atMost: 1 },
    ),
  ];
}
