/**
 * A model's traffic over the latest ten minutes, in steps of ten seconds: a ring of counters, so
 * that counting an answer allocates nothing.
 */
import { nowMs } from "../shared/clock.ts";

const STEP_MS = 10_000;
const STEPS = 60;

export interface History {
  /** The number of the latest step since the clock's start; its slot is that modulo `STEPS`. */
  step: number;
  readonly rows: Float64Array;
  readonly answers: Float64Array;
  /** Sums of milliseconds. */
  readonly tookMs: Float64Array;
  readonly slowestMs: Float64Array;
}

export function createHistory(): History {
  return {
    step: 0,
    rows: new Float64Array(STEPS),
    answers: new Float64Array(STEPS),
    tookMs: new Float64Array(STEPS),
    slowestMs: new Float64Array(STEPS),
  };
}

/** Counts an answer. Modifies `history`. */
export function recordAnswer(
  history: History,
  nRows: number,
  tookMs: number,
  atMs: number = nowMs(),
): void {
  const slot = advance(history, atMs);
  history.rows[slot]! += nRows;
  history.answers[slot]! += 1;
  history.tookMs[slot]! += tookMs;
  history.slowestMs[slot] = Math.max(history.slowestMs[slot]!, tookMs);
}

/** Empties the slots of the steps that have passed. Returns the slot of the present step. */
function advance(history: History, atMs: number): number {
  const step = Math.floor(atMs / STEP_MS);
  const first = Math.max(history.step + 1, step - STEPS + 1);
  for (let passed = first; passed <= step; passed++) {
    const slot = passed % STEPS;
    for (const counts of [history.rows, history.answers, history.tookMs, history.slowestMs]) {
      counts[slot] = 0;
    }
  }
  history.step = Math.max(history.step, step);
  return history.step % STEPS;
}

/** Lists of the steps, the present one last; latencies are null where nothing was answered. */
export interface HistoryFacts {
  readonly stepS: number;
  readonly rows: readonly number[];
  readonly meanMs: readonly (number | null)[];
  readonly slowestMs: readonly (number | null)[];
}

export function historyFacts(history: History, atMs: number = nowMs()): HistoryFacts {
  const present = advance(history, atMs);
  const slots = Array.from({ length: STEPS }, (_, i) => (present + 1 + i) % STEPS);
  const { rows, answers, tookMs, slowestMs } = history;
  return {
    stepS: STEP_MS / 1000,
    rows: slots.map((slot) => rows[slot]!),
    meanMs: slots.map((slot) => (answers[slot] === 0 ? null : tookMs[slot]! / answers[slot]!)),
    slowestMs: slots.map((slot) => (answers[slot] === 0 ? null : slowestMs[slot]!)),
  };
}
