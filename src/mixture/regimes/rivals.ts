/**
 * Compares the folds of a fit of regimes with its rivals: one net, and an ensemble of equal cost.
 */
import type { Samples } from "../../experts/index.ts";
import { inLanes } from "../../shared/lanes.ts";
import { childSeed } from "../../shared/rng.ts";
import { ensembleErrors, trainEnsemble } from "../ensemble.ts";
import type { Executor } from "../executor.ts";
import type { FitOptions } from "../options.ts";
import { clip, foldsAtOnce, takeSamples, targetRange } from "../samples.ts";
import { type NetSettings, regressionShape } from "../train-net.ts";
import type { RowLosses } from "../verdict.ts";
import type { RegimeFold } from "./cross-fit.ts";

/** Nets of an ensemble that are trained; a larger one's error follows from their spread. */
const TRAINED_NETS = 3;

/** @param rival - The training of nets, and the number that costs as much as the mixture. */
export async function judgeRegimeFolds(
  samples: Samples,
  {
    folds,
    rival: { settings, size },
  }: {
    readonly folds: readonly RegimeFold[];
    readonly rival: { readonly settings: NetSettings; readonly size: number };
  },
  options: FitOptions,
  executor: Executor,
): Promise<RowLosses> {
  const shape = regressionShape(samples.X.nColumns, options);
  const nLanes = foldsAtOnce(samples.y.length);
  const equalCost = await inLanes(folds, nLanes, async ({ train, test, base }, f) => {
    const seen = takeSamples(samples, train);
    const unseen = takeSamples(samples, test);
    const seed = childSeed(options.seed, `verdict ${f}`);
    const others = { shape, settings, size: Math.min(size, TRAINED_NETS) - 1 };
    const nets = others.size < 1 ? [] : (await trainEnsemble(seen, others, seed, executor)).nets;
    const range = targetRange(seen.y);
    const answers = [base, ...nets].map((net) =>
      Float64Array.from(executor.engine.predict(net, unseen.X), (value) => clip(value, range)),
    );
    return ensembleErrors(answers, unseen.y, size);
  });
  const squares = (errors: Float64Array): Float64Array => errors.map((error) => error ** 2);
  return {
    mixture: folds.map((fold) => squares(fold.mixture)),
    single: folds.map((fold) => squares(fold.single)),
    equalCost,
  };
}
