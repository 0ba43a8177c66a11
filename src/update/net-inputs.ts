/**
 * Nets as they are trained: one on encoded inputs that was kept as a plain one goes on, or starts
 * anew, on encoded inputs. Its hinges stay where they are.
 */
import { encodedNet, encodePiecewise, type Net, plainNet } from "../experts/index.ts";
import type { Matrix } from "../shared/matrix.ts";

export interface NetInTraining {
  readonly net: Net;
  /** Inputs as the net sees them in training. */
  readonly inputsOf: (X: Matrix) => Matrix;
  /** A trained net as it is kept, on plain inputs. */
  readonly kept: (trained: Net) => Net;
}

export function inTraining(plain: Net): NetInTraining {
  const encoded = encodedNet(plain);
  if (encoded === null) return { net: plain, inputsOf: (X) => X, kept: (trained) => trained };
  const { encoding, net } = encoded;
  return {
    net,
    inputsOf: (X) => encodePiecewise(encoding, X),
    kept: (trained) => plainNet({ encoding, net: trained }),
  };
}
