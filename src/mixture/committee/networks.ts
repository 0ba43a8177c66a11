/** The architectures of a committee, each tuned on the same hold-outs. */
import type { NetShape, Samples } from "../../experts/index.ts";
import { type Progress, within } from "../../shared/progress.ts";
import type { Executor } from "../executor.ts";
import type { FitOptions } from "../options.ts";
import { regressionShape } from "../train-net.ts";
import { type Tuned, tuneNet } from "../tune.ts";
import type { Architecture } from "./options.ts";

/** An architecture with the shape and the settings of least hold-out error. */
export interface TunedNetwork extends Pick<Architecture, "activation" | "grows"> {
  readonly hidden: readonly number[];
  readonly tuned: Tuned;
}

/** A larger shape must be better by this much. */
const MIN_IMPROVEMENT = 0.005;

/** One network an architecture, in their order. */
export async function tuneNetworks(
  samples: Samples,
  architectures: readonly Architecture[],
  options: FitOptions,
  executor: Executor,
  progress: Progress,
): Promise<readonly TunedNetwork[]> {
  const networks: TunedNetwork[] = [];
  const tuning = { ...options.tuning, seed: options.seed };
  for (const [a, { activation, hidden: shapes, grows }] of architectures.entries()) {
    const own = within(progress, a / architectures.length, (a + 1) / architectures.length);
    let best: TunedNetwork | undefined;
    for (const hidden of shapes) {
      const shape = regressionShape(samples.X.nColumns, { hidden, activation });
      const tuned = await tuneNet(samples, shape, tuning, executor, own);
      const most = (best?.tuned.holdOutMse ?? Number.POSITIVE_INFINITY) * (1 - MIN_IMPROVEMENT);
      if (best === undefined || tuned.holdOutMse < most)
        best = { activation, hidden, grows, tuned };
    }
    networks.push(best!);
  }
  return networks;
}

export function shapeOf({ hidden, activation }: TunedNetwork, nFeatures: number): NetShape {
  return regressionShape(nFeatures, { hidden, activation });
}
