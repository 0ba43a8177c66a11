/** The architectures of a committee, each tuned on the same hold-outs. */
import {
  encodePiecewise,
  fitPiecewise,
  type NetShape,
  type PiecewiseEncoding,
  type Samples,
} from "../../experts/index.ts";
import { type Progress, within } from "../../shared/progress.ts";
import type { Executor } from "../executor.ts";
import type { FitOptions } from "../options.ts";
import { regressionShape } from "../train-net.ts";
import { type Tuned, tuneNet } from "../tune.ts";
import type { Architecture, NetworkName } from "./options.ts";

/** An architecture with the shape and the settings of least hold-out error. */
export interface TunedNetwork extends Pick<Architecture, "activation" | "grows"> {
  readonly name: NetworkName;
  /** Of the inputs; null if they are plain. */
  readonly encoding: PiecewiseEncoding | null;
  readonly hidden: readonly number[];
  readonly tuned: Tuned;
}

/** A larger shape must be better by this much. */
const MIN_IMPROVEMENT = 0.005;

/** One network an architecture, in their order; none where there are too many inputs to encode. */
export async function tuneNetworks(
  samples: Samples,
  architectures: readonly Architecture[],
  options: FitOptions,
  executor: Executor,
  progress: Progress,
): Promise<readonly TunedNetwork[]> {
  const networks: TunedNetwork[] = [];
  const tuning = { ...options.tuning, seed: options.seed };
  for (const [a, { activation, bins, hidden: shapes, grows }] of architectures.entries()) {
    const encoding = bins === undefined ? null : fitPiecewise(samples.X, bins);
    if (bins !== undefined && encoding === null) continue;
    const name: NetworkName = bins === undefined ? activation : `ple${bins}`;
    const encoded = encodeInputs(samples, encoding);
    const own = within(progress, a / architectures.length, (a + 1) / architectures.length);
    let best: TunedNetwork | undefined;
    for (const hidden of shapes) {
      const shape = regressionShape(encoded.X.nColumns, { hidden, activation });
      const tuned = await tuneNet(encoded, shape, tuning, executor, own);
      const most = (best?.tuned.holdOutMse ?? Number.POSITIVE_INFINITY) * (1 - MIN_IMPROVEMENT);
      if (best === undefined || tuned.holdOutMse < most)
        best = { name, activation, encoding, hidden, grows, tuned };
    }
    networks.push(best!);
  }
  return networks;
}

/** The samples as a network with this encoding sees them. */
export function encodeInputs(samples: Samples, encoding: PiecewiseEncoding | null): Samples {
  return encoding === null ? samples : { ...samples, X: encodePiecewise(encoding, samples.X) };
}

export function shapeOf({ hidden, activation }: TunedNetwork, nFeatures: number): NetShape {
  return regressionShape(nFeatures, { hidden, activation });
}
