/** Rows of earlier days, read when a regime needs them, and counted; src/store keeps them. */
import type { Engine, Samples } from "../experts/index.ts";
import { gateScores, topExperts } from "../gate/index.ts";
import {
  type Mixture,
  type Model,
  prepareSamples,
  type TrainingTable,
  takeSamples,
} from "../mixture/index.ts";

/** Where old rows are kept: apart by the regimes of the first member. */
export interface OldRows {
  /** Rows of each regime. */
  readonly counts: readonly number[];
  /** The rows of one regime, oldest first; null if there are none. */
  read(regime: number): Promise<TrainingTable | null>;
}

/** Reads every regime's rows once, however often they are asked for. */
export interface OldRowReader {
  /** The old rows of expert k of member m, standardised; null without any. */
  read(m: number, k: number): Promise<Samples | null>;
  /** Of a regime of the first member, all old rows but the last `nLatest` follow a law that is over. */
  outdate(regime: number, nLatest: number): void;
  /** Rows that were read so far. */
  nRead(): number;
}

export function createReader(engine: Engine, model: Model, old: OldRows | null): OldRowReader {
  const kept = new Map<number, Samples | null>();
  const latest = new Map<number, number>();
  let nRead = 0;
  const readRegime = async (regime: number): Promise<Samples | null> => {
    const known = kept.get(regime);
    if (known !== undefined) return known;
    const table = (await old?.read(regime)) ?? null;
    const rows = Int32Array.from(table?.y.keys() ?? []);
    const samples = table && prepareSamples(model.preprocessing, table, rows);
    nRead += rows.length;
    kept.set(regime, samples);
    return samples;
  };
  return {
    nRead: () => nRead,
    outdate: (regime, nLatest) => {
      latest.set(regime, nLatest);
    },
    read: async (m, k) => {
      if (m === 0 || old === null) return readRegime(k);
      const parts: Samples[] = [];
      for (const regime of old.counts.keys()) {
        const own = lastOf(await readRegime(regime), latest.get(regime));
        if (own !== null) parts.push(ofExpert(engine, model.members[m]!.mixture, k, own));
      }
      const filled = parts.filter(({ y }) => y.length > 0);
      return filled.length === 0 ? null : filled.reduce(joinSamples);
    },
  };
}

function lastOf(samples: Samples | null, n: number | undefined): Samples | null {
  if (samples === null || n === undefined) return samples;
  const rows = Int32Array.from(samples.y.keys());
  return takeSamples(samples, rows.subarray(Math.max(0, rows.length - n)));
}

function ofExpert(engine: Engine, { gate }: Mixture, k: number, samples: Samples): Samples {
  if (gate === null) return samples;
  const scores = gateScores(engine, gate, samples.X);
  const top = topExperts(scores, scores.length / samples.X.nRows);
  return takeSamples(
    samples,
    Int32Array.from(top.keys()).filter((i) => top[i] === k),
  );
}

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

/** New rows whole and old ones by their weight; row numbers are the same for every weight. */
export function weigh(fresh: Samples, old: Samples | null, weight: number): Samples {
  if (old === null) return { ...fresh, weights: null };
  const all = joinSamples(fresh, old);
  const weights = new Float32Array(all.y.length).fill(weight).fill(1, 0, fresh.y.length);
  return { ...all, weights };
}
