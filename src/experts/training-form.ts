/**
 * The form in which a net is trained: on its inputs as they are, or on encoded ones.
 *
 * A net on encoded inputs is stored as a plain one (piecewise-net.ts), so that only training uses
 * the encoding.
 */
import type { Matrix } from "../shared/matrix.ts";
import type { Net } from "./net.ts";
import { encodePiecewise, type PiecewiseEncoding } from "./piecewise.ts";
import { encodedNet, plainNet } from "./piecewise-net.ts";

export interface TrainingForm {
  /** Inputs as the net sees them in training. */
  readonly inputsOf: (X: Matrix) => Matrix;
  /** A trained net as it is stored, on plain inputs. */
  readonly keep: (trained: Net) => Net;
}

/** @param encoding - Of the inputs; null if they are plain. */
export function trainingForm(encoding: PiecewiseEncoding | null): TrainingForm {
  if (encoding === null) return { inputsOf: (X) => X, keep: (trained) => trained };
  return {
    inputsOf: (X) => encodePiecewise(encoding, X),
    keep: (trained) => plainNet({ encoding, net: trained }),
  };
}

/**
 * A stored net in the form of its training, to train it further or again: a net on encoded
 * inputs is on encoded inputs again, with the same knots.
 */
export function resumeTraining(kept: Net): TrainingForm & { readonly net: Net } {
  const encoded = encodedNet(kept);
  return { ...trainingForm(encoded?.encoding ?? null), net: encoded?.net ?? kept };
}
