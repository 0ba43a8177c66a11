/**
 * The one place that reads a clock, for durations and dates that are reported, never computed with.
 */

/** Milliseconds since an arbitrary start. */
export function nowMs(): number {
  return performance.now();
}

/** The present moment, ISO 8601. */
export function today(): string {
  return new Date().toISOString();
}

/** Whole seconds since 1970. */
export function unixSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
