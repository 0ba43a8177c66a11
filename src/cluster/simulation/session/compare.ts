/** A session over a recorded link: the agent's split beside every fixed one. */
import { median } from "../../../shared/statistics.ts";
import type { RecordedLink } from "./links.ts";
import { type Played, play } from "./play.ts";
import { drawRequests, expertsOf, type Session } from "./session.ts";
import { agentSplit, byHindsight, fixedSplits, type Split } from "./splits.ts";

export interface SplitAnswers {
  readonly meanMs: number;
  readonly p95Ms: number;
  /** Requests that took more than a second. */
  readonly late: number;
  readonly megabytesUp: number;
  readonly megabytesDown: number;
  readonly joules: number;
  readonly nFetched: number;
}

export interface FixedAnswers extends SplitAnswers {
  /** Experts on the device. */
  readonly nHere: number;
  /** Which: the most used in training, or in this session, which is not known at its start. */
  readonly by: "share" | "hindsight";
}

export interface SplitComparison {
  readonly link: string;
  readonly nRequests: number;
  readonly ours: SplitAnswers;
  readonly allRemote: SplitAnswers;
  /** The fixed split that turns out best. */
  readonly best: FixedAnswers;
  /** Of the means of fixed splits by share. */
  readonly medianMs: number;
  readonly fixed: readonly FixedAnswers[];
}

const LATE_MS = 1000;

/** Cost: one play for each fixed split. */
export function compareSplits(session: Session, link: RecordedLink): SplitComparison {
  const requests = drawRequests(session, link.seconds);
  const answersOf = (split: Split): SplitAnswers =>
    summarise(play({ session, link, requests, split }));
  const ranked = [
    { by: "share" as const, inOrder: expertsOf(session) },
    { by: "hindsight" as const, inOrder: byHindsight(session, requests) },
  ];
  const fixed = ranked.flatMap(({ by, inOrder }): FixedAnswers[] =>
    fixedSplits(inOrder, session).map((split) => {
      return { nHere: split.nFixed!, by, ...answersOf(split) };
    }),
  );
  const byShare = fixed.filter(({ by }) => by === "share");
  return {
    link: link.name,
    nRequests: requests.length,
    ours: answersOf(agentSplit(session)),
    allRemote: byShare[0]!,
    best: fixed.reduce((best, one) => (one.meanMs < best.meanMs ? one : best)),
    medianMs: median(byShare.map(({ meanMs }) => meanMs)),
    fixed,
  };
}

function summarise({ ms, bytesUp, bytesDown, joules, nFetched }: Played): SplitAnswers {
  const sorted = ms.toSorted();
  return {
    meanMs: ms.reduce((sum, one) => sum + one, 0) / Math.max(1, ms.length),
    p95Ms: sorted[Math.floor(0.95 * sorted.length)] ?? 0,
    late: ms.filter((one) => one > LATE_MS).length,
    megabytesUp: bytesUp / 1e6,
    megabytesDown: bytesDown / 1e6,
    joules,
    nFetched,
  };
}
