/** What a model has answered since the server started, over all its versions. */
import type { AnsweredRows } from "./answer.ts";
import { createHistory, type History, recordAnswer } from "./history.ts";
import { isNovel, type Novelty } from "./novelty.ts";

/** Answers that the latency's quantiles look back on. */
const WINDOW = 1024;

export interface Traffic {
  requests: number;
  rows: number;
  /** Rows whose novelty was judged: one a request. */
  judgedRows: number;
  /** Those of them that are novel. */
  novelRows: number;
  /** Rows routed to each expert of each member, by the expert's number. */
  readonly byExpert: number[][];
  /** Milliseconds of the latest answers, in a ring. */
  readonly latencyMs: Float64Array;
  readonly history: History;
}

export function createTraffic(): Traffic {
  return {
    requests: 0,
    rows: 0,
    novelRows: 0,
    judgedRows: 0,
    byExpert: [],
    latencyMs: new Float64Array(WINDOW),
    history: createHistory(),
  };
}

/** Counts an answer. Modifies `traffic`. */
export function countAnswer(
  traffic: Traffic,
  answer: AnsweredRows,
  novelty: Novelty | null,
  tookMs: number,
): void {
  const { values, routes } = answer;
  traffic.latencyMs[traffic.requests % WINDOW] = tookMs;
  traffic.requests++;
  traffic.rows += values.length;
  recordAnswer(traffic.history, values.length, tookMs);
  routes.forEach(({ experts, nExperts }, m) => {
    traffic.byExpert[m] ??= [];
    const counts = traffic.byExpert[m]!;
    while (counts.length < nExperts) counts.push(0);
    for (let i = 0; i < experts.length; i++) counts[experts[i]!]!++;
  });
  if (novelty === null || values.length === 0) return;
  // Another row each time: the first may differ from others.
  if (isNovel(novelty, answer, traffic.requests % values.length)) traffic.novelRows++;
  traffic.judgedRows++;
}

/** Quantiles of the latest latencies; null if there were none. */
export function latencyQuantiles(
  { latencyMs, requests }: Traffic,
  quantiles: readonly number[],
): readonly (number | null)[] {
  const latest = latencyMs.slice(0, Math.min(requests, WINDOW)).sort();
  return quantiles.map((q) => latest[Math.floor(q * (latest.length - 1))] ?? null);
}
