/** What a member of regimes gives the preset `accurate` on real sets: one fit, weighed twice. */

import type { AccurateOptions, Executor } from "../../mixture/index.ts";
import { type Progress, within } from "../../shared/progress.ts";
import { geometricMean } from "../../shared/statistics.ts";
import { type BenchDocument, benchDocument, judgeFigure } from "../figures.ts";
import { finishRows } from "../finished.ts";
import { type AccurateOutcome, fitAccurate } from "./accurate.ts";
import { createCase } from "./sets.ts";

export interface MemberOptions {
  readonly sets: readonly string[];
  readonly seed: number;
  /** Most training rows, and test rows, of a set. */
  readonly nRows: number;
  readonly accurate: AccurateOptions;
  readonly mirror?: string | undefined;
  readonly command: string;
  /** Sets that an earlier run finished: not run again. */
  readonly finished: readonly MemberRow[];
  /** Told of every set when it is finished. */
  readonly onFinished: (row: MemberRow) => Promise<void>;
}

/** Errors are ÷ the variance of the test targets. */
export interface MemberRow extends AccurateOutcome {
  readonly set: string;
  readonly nTrain: number;
}

export interface MemberMeasurements {
  readonly rows: readonly MemberRow[];
}

/** The preset with the member may err no more than without it. */
const MOST = 1;

/** Cost: one to two CPU minutes a set of 2,000 rows. */
export async function benchMember(
  { sets, seed, nRows, accurate, mirror, command, finished, onFinished }: MemberOptions,
  executor: Executor,
  progress: Progress,
): Promise<BenchDocument<MemberMeasurements>> {
  const rows = await finishRows(sets, {
    knownOf: (set) => finished.find((row) => row.set === set),
    measure: async (set, done, left): Promise<MemberRow> => {
      const part = within(progress, done / left, (done + 1) / left);
      const drawn = await createCase(set, { seed, nRows, mirror });
      const outcome = await fitAccurate(drawn, accurate, executor, (stage, share) => {
        part(`${set}: ${stage}`, share);
      });
      return { set, nTrain: drawn.train.y.length, ...outcome };
    },
    onFinished,
  });
  const ratios = rows.map(({ error, withRegimes }) => withRegimes / error);
  const facts = {
    name: "regimes.accurate-with-vs-without.real",
    value: rows.length === 0 ? null : geometricMean(ratios),
    unit: "×",
    how:
      "test mse of the preset accurate with a member of regimes ÷ that without, geometric mean " +
      `of ${rows.length} sets; largest ${Math.max(...ratios).toFixed(3)}`,
  };
  const figures = [judgeFigure(facts, { atMost: MOST })];
  return benchDocument({
    bench: "regimes-member",
    command,
    versions: {},
    measurements: { rows },
    figures,
  });
}
