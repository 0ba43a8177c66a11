/**
 * Nodes that announce themselves and do not answer routers: left out for a while, longer each time.
 */
import { nowMs } from "../../shared/clock.ts";

export interface UnwellNodes {
  /** A router got no answer from this start of the node. */
  suspect(key: string, incarnation: string): void;
  /** Whether this start of the node is left out now. */
  has(key: string, incarnation: string): boolean;
}

/** A node is unwell after this many seconds in which it failed, close to each other. */
const UNWELL_AFTER = 3;
const CLOSE_MS = 10_000;
/** It is left out this long at first, twice as long each time. */
const REST_MS = 15_000;
const LAST_REST_MS = 600_000;

interface Record {
  readonly incarnation: string;
  /** Of failures. */
  readonly timesMs: readonly number[];
  /** How long it is left out next time. */
  readonly restMs: number;
  readonly untilMs: number;
}

export function trackUnwellNodes(): UnwellNodes {
  const records = new Map<string, Record>();
  return {
    suspect: (key, incarnation) => {
      const before = records.get(key);
      const isSame = before?.incarnation === incarnation;
      const { timesMs, restMs, untilMs } = isSame
        ? before
        : { timesMs: [], restMs: REST_MS, untilMs: 0 };
      const close = [...timesMs.filter((at) => nowMs() - at < CLOSE_MS), nowMs()];
      const isUnwell = close.length >= UNWELL_AFTER;
      records.set(
        key,
        isUnwell
          ? {
              incarnation,
              timesMs: [],
              restMs: Math.min(LAST_REST_MS, 2 * restMs),
              untilMs: nowMs() + restMs,
            }
          : { incarnation, timesMs: close, restMs, untilMs },
      );
    },
    has: (key, incarnation) => {
      const record = records.get(key);
      return record?.incarnation === incarnation && record.untilMs > nowMs();
    },
  };
}
