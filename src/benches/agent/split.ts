/** The agent's split between device and server beside every fixed one, in simulated sessions. */
import { createResidency, type Part } from "../../cluster/residency/index.ts";
import {
  compareSplits,
  drawRequests,
  expertsOf,
  type RecordedLink,
  type Session,
  type SplitComparison,
} from "../../cluster/simulation/index.ts";
import type { Progress } from "../../shared/progress.ts";

/** The committed sessions, by their files' names. */
export const SPLIT_SESSIONS = ["fits", "bound", "trees"] as const;
export type SplitSession = (typeof SPLIT_SESSIONS)[number];

/** One session over one link; fixed splits but the best are left out. */
export type SplitRow = Omit<SplitComparison, "fixed"> & {
  readonly session: SplitSession;
  readonly seed: number;
  readonly nFixed: number;
};

export interface SplitMeasurements {
  readonly rows: readonly SplitRow[];
  readonly decision: Decision;
}

/** What the agent's decisions of one request cost. */
export interface Decision {
  readonly session: SplitSession;
  readonly nRequests: number;
  /** Of CPU time, on average. */
  readonly microseconds: number;
}

export interface SplitOptions {
  readonly sessions: ReadonlyMap<SplitSession, Session>;
  readonly links: readonly RecordedLink[];
  /** Of the requests. */
  readonly seeds: readonly number[];
}

/** Cost: a quarter of a minute of CPU time for six links and two seeds. */
export function measureSplits(
  { sessions, links, seeds }: SplitOptions,
  progress: Progress,
): SplitMeasurements {
  const wanted = [...sessions].flatMap(([name, session]) =>
    seeds.flatMap((seed) => links.map((link) => ({ name, session: { ...session, seed }, link }))),
  );
  const rows = wanted.map(({ name, session, link }, done): SplitRow => {
    progress(`${name} over ${link.name}`, done / wanted.length);
    const { fixed, ...compared } = compareSplits(session, link);
    return { session: name, seed: session.seed, nFixed: fixed.length, ...compared };
  });
  return { rows, decision: measureDecision("bound", sessions.get("bound")!) };
}

/** Enough requests for a mean that hardly changes. */
const DECIDED_SECONDS = 2000;
/** An answer from elsewhere, on average. */
const WAITED_MS = 100;

/** What follows every request: its rows are noted, and what to fetch is decided and held. */
function measureDecision(name: SplitSession, session: Session): Decision {
  const requests = drawRequests(session, DECIDED_SECONDS);
  const experts = new Map(expertsOf(session).map((expert) => [expert.hash, expert]));
  const offer = { experts, rowBytes: 4 * (session.inputs + 1) };
  const mostBytes = 1000 * session.memoryKilobytes;
  const decide = (): void => {
    const residency = createResidency<Part>(offer, { mostBytes, prices: session.prices });
    for (const { rows } of requests) {
      residency.answered(rows);
      residency.waited(WAITED_MS);
      const next = residency.next();
      if (next !== null) residency.hold(experts.get(next)!);
    }
  };
  // Compiles.
  decide();
  const start = process.cpuUsage();
  decide();
  const { user, system } = process.cpuUsage(start);
  return {
    session: name,
    nRequests: requests.length,
    microseconds: (user + system) / requests.length,
  };
}
