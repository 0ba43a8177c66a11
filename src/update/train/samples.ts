/** Samples put together: new rows and old ones, whole or by weight. */
import type { Samples } from "../../experts/index.ts";

/** Samples one after the other, each with a weight of 1. */
export function joinSamples(a: Samples, b: Samples): Samples {
  const values = new Float32Array(a.X.values.length + b.X.values.length);
  values.set(a.X.values);
  values.set(b.X.values, a.X.values.length);
  const y = new Float32Array(a.y.length + b.y.length);
  y.set(a.y);
  y.set(b.y, a.y.length);
  return { X: { values, nRows: y.length, nColumns: a.X.nColumns }, y, weights: null, groups: null };
}

/** Both, or the one that is there. */
export function joinKnown(a: Samples | null, b: Samples | null): Samples | null {
  return a !== null && b !== null ? joinSamples(a, b) : (a ?? b);
}

/** New rows whole and old ones by their weight; row numbers are the same for every weight. */
export function weigh(fresh: Samples, old: Samples | null, weight: number): Samples {
  if (old === null) return { ...fresh, weights: null };
  const all = joinSamples(fresh, old);
  const weights = new Float32Array(all.y.length).fill(weight).fill(1, 0, fresh.y.length);
  return { ...all, weights };
}
