/**
 * How nodes have answered of late: who answers soonest, and who is left alone after a failure, for
 * a time that doubles with each failure of its own in a row. Requests that were on the way together
 * fail as one.
 */
import { nowMs } from "../../shared/clock.ts";

/** Seen of a node since the last report. */
export interface NodeCounts {
  nAnswers: number;
  sumMs: number;
  /** Failures that are the node's, not those of the way to it. */
  nFailures: number;
}

export interface Standings {
  /** Milliseconds that a request would take there now; infinite while the node is left alone. */
  waitOf(key: string): number;
  /**
   * Runs a request to a node and keeps what it took, or that it failed.
   *
   * @param isItsFault - Whether the node failed, and not the way to it.
   */
  observe<T>(
    key: string,
    request: () => Promise<T>,
    isItsFault: (error: unknown) => boolean,
  ): Promise<T>;
  /** Counts since the last call. */
  takeCounts(): ReadonlyMap<string, NodeCounts>;
}

interface Standing {
  outstanding: number;
  meanMs: number;
  failures: number;
  /** When the last of them was counted. */
  failedMs: number;
  restUntilMs: number;
}

const FIRST_REST_MS = 250;
const LAST_REST_MS = 4000;
/** Weight of the newest answer in the mean. */
const MEAN_SHARE = 0.1;

export function createStandings(): Standings {
  const standings = new Map<string, Standing>();
  let counts = new Map<string, NodeCounts>();
  const standingOf = (key: string): Standing =>
    getOrAdd(standings, key, {
      outstanding: 0,
      meanMs: 1,
      failures: 0,
      failedMs: Number.NEGATIVE_INFINITY,
      restUntilMs: 0,
    });
  const countOf = (key: string): NodeCounts =>
    getOrAdd(counts, key, { nAnswers: 0, sumMs: 0, nFailures: 0 });
  const succeed = (key: string, ms: number): void => {
    const standing = standingOf(key);
    standing.meanMs += MEAN_SHARE * (ms - standing.meanMs);
    standing.failures = 0;
    const count = countOf(key);
    count.nAnswers += 1;
    count.sumMs += ms;
  };
  const fail = (key: string, startedMs: number, isItsFault: boolean): void => {
    const standing = standingOf(key);
    if (isItsFault) countOf(key).nFailures += 1;
    if (startedMs <= standing.failedMs) return;
    standing.failedMs = nowMs();
    if (isItsFault) standing.failures += 1;
    const doubled = FIRST_REST_MS * 2 ** Math.max(0, standing.failures - 1);
    standing.restUntilMs = nowMs() + Math.min(LAST_REST_MS, doubled);
  };
  return {
    waitOf: (key) => {
      const { outstanding, meanMs, restUntilMs } = standingOf(key);
      return restUntilMs > nowMs() ? Number.POSITIVE_INFINITY : (outstanding + 1) * meanMs;
    },
    observe: async (key, request, isItsFault) => {
      const started = nowMs();
      const standing = standingOf(key);
      standing.outstanding += 1;
      try {
        const answer = await request();
        succeed(key, nowMs() - started);
        return answer;
      } catch (error) {
        fail(key, started, isItsFault(error));
        throw error;
      } finally {
        standing.outstanding -= 1;
      }
    },
    takeCounts: () => {
      const taken = counts;
      counts = new Map();
      return taken;
    },
  };
}

function getOrAdd<T>(map: Map<string, T>, key: string, first: T): T {
  const value = map.get(key) ?? first;
  map.set(key, value);
  return value;
}
