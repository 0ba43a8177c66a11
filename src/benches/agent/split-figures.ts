/** The figures of simulated sessions, and the bound of each. */
import { geometricMean } from "../../shared/statistics.ts";
import { percent } from "../../shared/wording.ts";
import { type Bound, type Figure, judgeFigure } from "../figures.ts";
import type { AbsentPeer } from "../peer-process.ts";
import {
  SPLIT_SESSIONS,
  type SplitMeasurements,
  type SplitRow,
  type SplitSession,
} from "./split.ts";

const VS_MEDIAN: Readonly<Record<SplitSession, number>> = { fits: 0.4, bound: 0.9, trees: 0.8 };
const VS_BEST = 1;
const WORST_VS_BEST = 1.1;
const LATE: Readonly<Record<SplitSession, number>> = { fits: 0.4, bound: 0.9, trees: 0.9 };
const MAX_DECISION_US = 50;

const IN_WORDS: Readonly<Record<SplitSession, string>> = {
  fits: "memory for all experts",
  bound: "memory for a sixth of the experts",
  trees: "memory for five of 16 experts of boosted trees",
};

type Taken = Pick<Figure, "value" | "how">;

interface Claim {
  readonly name: string;
  readonly unit: string;
  readonly bound: Bound;
  of(measured: SplitMeasurements): Taken;
}

const CLAIMS: readonly Claim[] = [
  ...SPLIT_SESSIONS.map((session): Claim => {
    return {
      name: `split.vs-median-static.${session}`,
      unit: "×",
      bound: { atMost: VS_MEDIAN[session] },
      of: ({ rows }) =>
        ratioOf(rows, session, ({ medianMs }) => medianMs, "the median of those of"),
    };
  }),
  ...SPLIT_SESSIONS.map((session): Claim => {
    return {
      name: `split.vs-best-static.${session}`,
      unit: "×",
      bound: { atMost: VS_BEST },
      of: ({ rows }) => ratioOf(rows, session, bestMs, "that of the best in hindsight of"),
    };
  }),
  {
    name: "split.vs-best-static.worst",
    unit: "×",
    bound: { atMost: WORST_VS_BEST },
    of: ({ rows }) => worstOf(rows.filter(({ session }) => session !== "fits")),
  },
  ...SPLIT_SESSIONS.map((session): Claim => {
    return {
      name: `split.late.${session}`,
      unit: "×",
      bound: { atMost: LATE[session] },
      of: ({ rows }) => lateOf(rows, session),
    };
  }),
  {
    name: "split.decision-us",
    unit: "µs",
    bound: { atMost: MAX_DECISION_US },
    of: ({ decision: { nRequests, microseconds, session } }) => ({
      value: microseconds,
      how:
        `CPU time to note a request's rows and to decide what to fetch and drop, mean of ` +
        `${nRequests} requests, ${IN_WORDS[session]}`,
    }),
  },
];

export function splitFigures(measured: SplitMeasurements | AbsentPeer): readonly Figure[] {
  return CLAIMS.map(({ name, unit, bound, of }) => {
    const taken =
      "absent" in measured
        ? { value: null, how: `not measured: ${measured.absent}` }
        : of(measured);
    return judgeFigure({ name, unit, ...taken }, bound);
  });
}

const bestMs = ({ best }: SplitRow): number => best.meanMs;

function ratioOf(
  rows: readonly SplitRow[],
  session: SplitSession,
  other: (row: SplitRow) => number,
  words: string,
): Taken {
  const played = rows.filter((row) => row.session === session);
  const ratios = played.map((row) => row.ours.meanMs / other(row));
  const most = Math.max(...played.map(({ nFixed }) => nFixed));
  const how =
    `simulated, ${IN_WORDS[session]}: mean time of an answer ÷ ${words} ${most} fixed splits, ` +
    `geometric mean of ${ratios.length} sessions; the worst ${Math.max(...ratios).toFixed(2)}`;
  return { value: geometricMean(ratios), how };
}

function worstOf(rows: readonly SplitRow[]): Taken {
  const ratio = (row: SplitRow): number => row.ours.meanMs / row.best.meanMs;
  const worst = rows.reduce((most, row) => (ratio(row) > ratio(most) ? row : most));
  const { session, link, seed } = worst;
  const how =
    `of ${rows.length} simulated sessions with too little memory the largest ratio of mean times ` +
    `to the best in hindsight: ${session} over ${link}, seed ${seed}`;
  return { value: ratio(worst), how };
}

function lateOf(rows: readonly SplitRow[], session: SplitSession): Taken {
  const played = rows.filter((row) => row.session === session);
  const sum = (of: (row: SplitRow) => number): number =>
    played.reduce((total, row) => total + of(row), 0);
  const [ours, remote] = [sum(({ ours: { late } }) => late), sum((row) => row.allRemote.late)];
  const how =
    `simulated, ${IN_WORDS[session]}: requests over a second (${ours}) ÷ those of all-remote ` +
    `(${remote}, ${percent(remote / sum(({ nRequests }) => nRequests))} of all)`;
  return { value: ours / remote, how };
}
