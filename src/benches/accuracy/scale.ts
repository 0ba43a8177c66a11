/** Time and memory of a committee's fit as rows grow, on generated rows of five regimes. */
import { applyPreprocessing, type GeneratedSet, generate, selectTarget } from "../../data/index.ts";
import { regressionMetrics } from "../../metrics/index.ts";
import {
  type Executor,
  type FitOptions,
  fitCommittee,
  predictMembers,
  standardise,
  targetRange,
} from "../../mixture/index.ts";
import type { Progress } from "../../shared/progress.ts";
import { childSeed } from "../../shared/rng.ts";

export interface ScaleRow {
  readonly nRows: number;
  /** Of this process, all its threads, for the fit alone. */
  readonly cpuSeconds: number;
  /** The most memory that this process has held so far: sizes ascend. */
  readonly peakMb: number;
  /** Test error of the committee ÷ the variance of the noise. */
  readonly mseVsNoise: number;
}

const N_TEST = 5000;
const BYTES_OF_KB = 1024;

/** @param sizes - Rows to fit on, ascending. Cost: minutes for a million. */
export async function measureScale(
  sizes: readonly number[],
  fit: FitOptions,
  executor: Executor,
  progress: Progress,
): Promise<readonly ScaleRow[]> {
  const test = generate("five", { nRows: N_TEST, seed: childSeed(fit.seed, "scale test") });
  const rows: ScaleRow[] = [];
  for (const [s, nRows] of sizes.entries()) {
    const train = generate("five", { nRows, seed: childSeed(fit.seed, `scale ${nRows}`) });
    progress(`${nRows} rows`, s / sizes.length);
    rows.push(await measureSize(train, test, fit, executor));
  }
  return rows;
}

async function measureSize(
  train: GeneratedSet,
  test: GeneratedSet,
  fit: FitOptions,
  executor: Executor,
): Promise<ScaleRow> {
  const table = selectTarget(train.table, "y");
  const before = process.cpuUsage();
  const { preprocessing, samples } = standardise(table);
  const { members } = await fitCommittee(samples, fit, { executor });
  const { user, system } = process.cpuUsage(before);
  const unseen = selectTarget(test.table, "y");
  const X = applyPreprocessing(preprocessing, unseen.features);
  const { values: said } = predictMembers(executor.engine, members, X, targetRange(samples.y));
  const { mean, scale } = preprocessing.target;
  const { mse } = regressionMetrics(
    unseen.y,
    said.map((value) => mean + scale * value),
  );
  return {
    nRows: table.y.length,
    cpuSeconds: (user + system) / 1e6,
    peakMb: (process.resourceUsage().maxRSS * BYTES_OF_KB) / 1e6,
    mseVsNoise: mse / test.noiseVariance,
  };
}
