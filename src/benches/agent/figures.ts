/** The agent's figures, computed from the measurements, and the bound of each. */
import { median } from "../../shared/statistics.ts";
import { type Bound, type Figure, judgeFigure } from "../figures.ts";
import type { AbsentPeer } from "../peer-process.ts";
import type { Link } from "./page.ts";

export interface SameBits {
  readonly nRows: number;
  readonly same: number;
  readonly nExperts: number;
}

export interface PageRace {
  readonly nRows: number;
  /** Rows a second. */
  readonly rounds: readonly { readonly ours: number; readonly theirs: number }[];
}

export interface Leaks {
  /** Of class local. */
  readonly nRows: number;
  /** Rows of these that were found in what passed to the server. */
  readonly found: number;
  /** Requests meanwhile, and those that had a body. */
  readonly requests: number;
  readonly posts: number;
  /** Rows that were sent on purpose before, all of which were found. */
  readonly control: number;
}

export interface FirstAnswers {
  readonly link: Link;
  /** Milliseconds from opening a page to its first answer, each in a new browser. */
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

export interface UpdateBytes {
  /** That passed, heads of answers included. */
  readonly bytes: number;
  readonly requests: number;
  /** Of the manifest and the blob that changed. */
  readonly lacking: number;
}

export interface AgentMeasurements {
  /** Bytes in gzip that a page loads before a model. */
  readonly sizes: { readonly agent: number; readonly ort: number };
  readonly same: SameBits;
  readonly races: readonly PageRace[];
  readonly leaks: Leaks;
  readonly first: FirstAnswers;
  readonly update: UpdateBytes;
}

const MAX_KB = 36;
const MAX_SIZE_RATIO = 0.01;
const LEAST_RATIOS: Readonly<Record<number, number>> = { 64: 5, 1024: 4 };
const MAX_FIRST_MS = 2500;
const MAX_FIRST_RATIO = 0.1;
const MAX_UPDATE_RATIO = 1.2;
/** Rows whose bits the full plan compares. */
const SAME_ROWS = 100_000;

type Named = Pick<Figure, "name" | "unit"> & { readonly bound: Bound };
type Taken = Pick<Figure, "value" | "how">;

const FIGURES: readonly (Named & { readonly of: (measured: AgentMeasurements) => Taken })[] = [
  { name: "agent.first-load-kb", unit: "KiB", bound: { atMost: MAX_KB }, of: loadOf },
  {
    name: "agent.first-load-vs-ort-web",
    unit: "×",
    bound: { atMost: MAX_SIZE_RATIO },
    of: ({ sizes: { agent, ort } }) => ({
      value: agent / ort,
      how: `the same bytes ÷ those that a page loads of onnxruntime-web (${ort})`,
    }),
  },
  { name: "agent.same-bits", unit: "rows", bound: { atLeast: SAME_ROWS }, of: sameOf },
  ...[64, 1024].map((nRows) => ({
    name: `agent.vs-ort-web.${nRows}`,
    unit: "×",
    bound: { atLeast: LEAST_RATIOS[nRows]! },
    of: ({ races }: AgentMeasurements) => raceOf(races.find((race) => race.nRows === nRows)!),
  })),
  { name: "agent.first-answer-ms", unit: "ms", bound: { atMost: MAX_FIRST_MS }, of: firstOf },
  {
    name: "agent.first-answer-vs-ort-web",
    unit: "×",
    bound: { atMost: MAX_FIRST_RATIO },
    of: ({ first: { ours, theirs } }) => ({
      value: median(ours) / median(theirs),
      how:
        `the same median ÷ that of onnxruntime-web with the exported model ` +
        `(${Math.round(median(theirs))} ms, median of ${theirs.length})`,
    }),
  },
  { name: "agent.update-bytes", unit: "×", bound: { atMost: MAX_UPDATE_RATIO }, of: updateOf },
  { name: "agent.local-leaks", unit: "rows", bound: { atMost: 0 }, of: leaksOf },
];

export function agentFigures(measured: AgentMeasurements | AbsentPeer): readonly Figure[] {
  return FIGURES.map(({ name, unit, bound, of }) => {
    const taken =
      "absent" in measured
        ? { value: null, how: `not measured: ${measured.absent}` }
        : of(measured);
    return judgeFigure({ name, unit, ...taken }, bound);
  });
}

/** Of the agent, slowest. */
export function worstStart({ first: { ours } }: AgentMeasurements): number {
  return Math.max(...ours);
}

function loadOf({ sizes: { agent } }: AgentMeasurements): Taken {
  const how = `the agent's file for pages in gzip, WebAssembly within: ${agent} bytes`;
  return { value: agent / 1024, how };
}

function sameOf({ same: { nRows, same, nExperts } }: AgentMeasurements): Taken {
  const how =
    `of ${nRows} rows answered in the page those with the bits of serve's answer: ${nExperts} ` +
    "experts, nets and every family, smooth under a softmax gate and hard under an SVM";
  return { value: same, how };
}

function raceOf({ nRows, rounds }: PageRace): Taken {
  const [ours, theirs] = [
    median(rounds.map((round) => round.ours)),
    median(rounds.map((round) => round.theirs)),
  ];
  const how =
    `rows a second in one page, ${nRows} row objects a call (${Math.round(ours)}) ÷ ` +
    `onnxruntime-web's on the exported model (${Math.round(theirs)}), one thread, median of ` +
    `${rounds.length} rounds in alternation`;
  return { value: median(rounds.map((round) => round.ours / round.theirs)), how };
}

function firstOf(measured: AgentMeasurements): Taken {
  const { ours, link } = measured.first;
  const how =
    `from opening a page in a new browser to its first answer, at ${link.bitsPerSecond / 1e6} ` +
    `Mbit/s and ${link.roundTripMs} ms by a relay of TCP, median of ${ours.length}; the worst ` +
    `${Math.round(worstStart(measured))} ms`;
  return { value: median(ours), how };
}

function updateOf({ update: { bytes, requests, lacking } }: AgentMeasurements): Taken {
  const how =
    `bytes of answers, heads included, after one of 4 experts changed (${bytes} in ${requests} ` +
    `requests) ÷ its blob and the manifest (${lacking})`;
  return { value: bytes / lacking, how };
}

function leaksOf({ leaks }: AgentMeasurements): Taken {
  const how =
    `of ${leaks.nRows} rows of class local those whose canary is in one of the ${leaks.requests} ` +
    `requests that passed a recording proxy, or requests with a body (${leaks.posts}); of ` +
    `${leaks.control} rows sent on purpose all are found`;
  return { value: leaks.found + leaks.posts, how };
}
