/** The nets of the convergence check: the first of the ensembles' with more steps. */
import type { NetShape, Samples } from "../../experts/index.ts";
import {
  DEFAULT_COMMITTEE,
  type Executor,
  type NetSettings,
  predictEnsemble,
  regressionShape,
  targetRange,
  trainEnsemble,
} from "../../mixture/index.ts";
import type { Matrix } from "../../shared/matrix.ts";
import type { Progress } from "../../shared/progress.ts";
import type { AccuracyRow } from "./row.ts";
import { samplesOf } from "./samples.ts";
import type { AccuracyTask } from "./tasks.ts";

/** Multiples of the single net's steps. */
const STEPS = { longer: 4, longest: 16 } as const;

interface SingleNet {
  readonly samples: Samples;
  readonly unseen: Matrix;
  readonly shape: NetShape;
  readonly settings: NetSettings;
}

/** Standardised answers to the unseen rows. Shape (nRows,). */
export async function answerLonger(
  { samples, unseen, shape, settings }: SingleNet,
  name: keyof typeof STEPS,
  seed: number,
  executor: Executor,
): Promise<Float64Array> {
  const steps = STEPS[name] * settings.steps;
  const start = { shape, settings: { ...settings, steps }, size: 1 };
  const { nets } = await trainEnsemble(samples, start, seed, executor);
  return predictEnsemble(executor.engine, nets, unseen, targetRange(samples.y));
}

/**
 * A finished split with the longest of the check's nets beside the others.
 *
 * @param seed - That the split was run with.
 */
export async function checkFurther(
  row: AccuracyRow,
  task: AccuracyTask,
  seed: number,
  executor: Executor,
  progress: Progress,
): Promise<AccuracyRow> {
  progress(`${STEPS.longest} × the steps`, 0);
  const { samples, unseen, mseOf } = samplesOf(task);
  const { hidden, settings } = row;
  const [{ activation }] = DEFAULT_COMMITTEE.architectures;
  const shape = regressionShape(samples.X.nColumns, { hidden, activation });
  const single = { samples, unseen, shape, settings };
  const values = await answerLonger(single, "longest", seed, executor);
  return { ...row, mse: { ...row.mse, longest: mseOf(values) } };
}
