/** Quantiles of weighted times in constant memory: bins of 1 % from a microsecond to an hour. */
export interface Histogram {
  add(ms: number, weight: number): void;
  /** The time that this share is not above, to 1 %; null without any. */
  quantile(share: number): number | null;
  readonly total: () => number;
  readonly mean: () => number | null;
}

const LEAST_MS = 1e-3;
const GROWTH = Math.log(1.01);
const N_BINS = Math.ceil(Math.log(3.6e6 / LEAST_MS) / GROWTH);

export function createHistogram(): Histogram {
  const weights = new Float64Array(N_BINS);
  let [total, sum] = [0, 0];
  return {
    add(ms, weight) {
      const bin = Math.floor(Math.log(Math.max(ms, LEAST_MS) / LEAST_MS) / GROWTH);
      weights[Math.min(N_BINS - 1, bin)]! += weight;
      total += weight;
      sum += ms * weight;
    },
    quantile(share) {
      let seen = 0;
      for (let bin = 0; bin < N_BINS && total > 0; bin++) {
        seen += weights[bin]!;
        if (seen >= share * total) return LEAST_MS * Math.exp(GROWTH * (bin + 0.5));
      }
      return null;
    },
    total: () => total,
    mean: () => (total === 0 ? null : sum / total),
  };
}
