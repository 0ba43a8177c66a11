/** The architectures of a committee, each tuned on the same hold-outs. */
import {
  fitPiecewise,
  type NetShape,
  type PiecewiseEncoding,
  type Samples,
  trainingForm,
} from "../../experts/index.ts";
import { inLanes } from "../../shared/lanes.ts";
import { sideBySide } from "../../shared/progress.ts";
import type { Run } from "../executor.ts";
import type { FitOptions } from "../options.ts";
import { foldsAtOnce } from "../samples.ts";
import { regressionShape } from "../train-net.ts";
import { type Tuned, tuneNet } from "../tune.ts";
import type { Architecture, NetworkName } from "./options.ts";

/** An architecture with the shape and the settings of least hold-out error. */
export interface TunedNetwork extends Pick<Architecture, "activation"> {
  readonly name: NetworkName;
  /** Of the inputs; null if they are plain. */
  readonly encoding: PiecewiseEncoding | null;
  readonly hidden: readonly number[];
  readonly tuned: Tuned;
}

/** A larger shape must be better by this much. */
const MIN_IMPROVEMENT = 0.005;

/** An architecture on the inputs as they are, or as it encodes them. */
interface Candidate {
  readonly architecture: Architecture;
  readonly encoding: PiecewiseEncoding | null;
}

/**
 * One network per architecture, in their order; none if there is nothing to encode, no room for the
 * encoding, or if an earlier architecture has the same encoding.
 */
export async function tuneNetworks(
  samples: Samples,
  architectures: readonly Architecture[],
  options: FitOptions,
  { executor, progress }: Run,
): Promise<readonly TunedNetwork[]> {
  const candidates = candidatesFor(samples, architectures);
  const parts = sideBySide(progress, candidates.length);
  return inLanes(candidates, foldsAtOnce(samples.y.length), (candidate, c) =>
    tuneShapes(samples, candidate, options, { executor, progress: parts[c]! }),
  );
}

function candidatesFor(
  { X }: Samples,
  architectures: readonly Architecture[],
): readonly Candidate[] {
  const candidates: Candidate[] = [];
  for (const architecture of architectures) {
    const encoding = "bins" in architecture ? fitPiecewise(X, architecture.bins) : null;
    const isNew = encoding !== null && !candidates.some((one) => isSame(one.encoding, encoding));
    if (!("bins" in architecture) || isNew) candidates.push({ architecture, encoding });
  }
  return candidates;
}

function isSame(a: PiecewiseEncoding | null, b: PiecewiseEncoding): boolean {
  return a?.knots.every((knots, j) => knots.join(" ") === b.knots[j]!.join(" ")) === true;
}

/** The shape of least hold-out error, and its settings. */
async function tuneShapes(
  samples: Samples,
  { architecture, encoding }: Candidate,
  options: FitOptions,
  { executor, progress }: Run,
): Promise<TunedNetwork> {
  const { activation, hidden: shapes } = architecture;
  const name: NetworkName = "bins" in architecture ? `ple${architecture.bins}` : activation;
  const encoded = { ...samples, X: trainingForm(encoding).inputsOf(samples.X) };
  const tuning = { ...options.tuning, seed: options.seed };
  let best: TunedNetwork | undefined;
  for (const hidden of shapes) {
    const shape = regressionShape(encoded.X.nColumns, { hidden, activation });
    const tuned = await tuneNet(encoded, shape, tuning, { executor, progress });
    const most = (best?.tuned.holdOutMse ?? Number.POSITIVE_INFINITY) * (1 - MIN_IMPROVEMENT);
    if (best === undefined || tuned.holdOutMse < most) {
      best = { name, activation, encoding, hidden, tuned };
    }
  }
  return best!;
}

export function shapeOf({ hidden, activation }: TunedNetwork, nFeatures: number): NetShape {
  return regressionShape(nFeatures, { hidden, activation });
}
