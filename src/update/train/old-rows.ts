/** Rows of earlier days, read when a regime needs them, and counted. */
import type { Engine, Samples } from "../../experts/index.ts";
import { gateScores, topExperts } from "../../gate/index.ts";
import { type Mixture, type Model, prepareSamples, takeSamples } from "../../mixture/index.ts";
import type { LawChange, OldRows } from "../store/index.ts";
import { joinSamples } from "./samples.ts";

/** Reads each regime's rows once, however often they are asked for. */
export interface OldRowReader {
  /**
   * The old rows of expert k of member m, standardised; null without any.
   *
   * @param laws - Regimes of the first member in which old rows follow a law that is over: their
   *   rows teach no other member.
   */
  read(m: number, k: number, laws: readonly LawChange[]): Promise<Samples | null>;
  /** Rows that were read until now. */
  nRead(): number;
}

export function createReader(engine: Engine, model: Model, old: OldRows | null): OldRowReader {
  const kept = new Map<number, Samples | null>();
  let nRead = 0;
  const readRegime = async (regime: number): Promise<Samples | null> => {
    const before = kept.get(regime);
    if (before !== undefined) return before;
    const table = (await old?.read(regime)) ?? null;
    const rows = Int32Array.from(table?.y.keys() ?? []);
    const samples = table && prepareSamples(model.preprocessing, table, rows);
    nRead += rows.length;
    kept.set(regime, samples);
    return samples;
  };
  return {
    nRead: () => nRead,
    read: async (m, k, laws) => {
      if (m === 0 || old === null) return readRegime(k);
      const parts: Samples[] = [];
      for (const regime of old.counts.keys()) {
        const law = laws.find((one) => one.regime === regime);
        const valid = lastOf(await readRegime(regime), law?.nEarlier);
        if (valid !== null) parts.push(ofExpert(engine, model.members[m]!.mixture, k, valid));
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
