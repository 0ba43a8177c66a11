/**
 * The gradient of a mixture's likelihood, to train experts and gate together.
 *
 * With g = softmax(gate outputs) and e_k = f_k(x) − y, the likelihood of a row is
 * Σ_k g_k N(e_k; 0, σ²) and r_k ∝ g_k exp(−e_k² / 2σ²) is the responsibility of expert k. The
 * derivatives of the negative log-likelihood are r_k e_k / σ² by f_k and g_k − r_k by the gate's
 * output k. Fill one target array per net with them and train with the loss `external`.
 * Source: Jacobs, Jordan, Nowlan & Hinton 1991, equation 1.3.
 */
import { checkLength, checkNumber } from "../shared/errors.ts";

export interface MixtureOutputs {
  /** Predictions of each expert, one array of shape (nRows,) per expert. */
  readonly experts: readonly Float32Array[];
  /** Outputs of the gate before its softmax, shape (nRows, nExperts). */
  readonly gate: Float32Array;
}

/**
 * Derivatives of each row's −log likelihood, in the shape of the outputs. Those by the experts
 * are multiplied by σ², which leaves r_k e_k: their size then does not depend on the noise.
 *
 * @param targets - Shape (nRows,).
 * @param variance - σ², positive.
 */
export function mixtureDerivatives(
  { experts, gate }: MixtureOutputs,
  targets: Float32Array,
  variance: number,
): MixtureOutputs {
  const nExperts = experts.length;
  checkLength("gate.length", gate.length, targets.length * nExperts);
  for (const outputs of experts) checkLength("expert.length", outputs.length, targets.length);
  checkNumber("variance", variance, Number.MIN_VALUE);
  const derivatives = {
    experts: experts.map((outputs) => new Float32Array(outputs.length)),
    gate: new Float32Array(gate.length),
  };
  const logJoint = new Float64Array(nExperts);
  for (let i = 0; i < targets.length; i++) {
    const outputs = gate.subarray(i * nExperts, (i + 1) * nExperts);
    const errors = experts.map((expert) => expert[i]! - targets[i]!);
    for (let k = 0; k < nExperts; k++) {
      logJoint[k] = outputs[k]! - errors[k]! ** 2 / (2 * variance);
    }
    const scores = softmax(outputs);
    const responsibilities = softmax(logJoint);
    for (let k = 0; k < nExperts; k++) {
      derivatives.experts[k]![i] = responsibilities[k]! * errors[k]!;
      derivatives.gate[i * nExperts + k] = scores[k]! - responsibilities[k]!;
    }
  }
  return derivatives;
}

function softmax(values: ArrayLike<number>): Float64Array {
  const exps = Float64Array.from(values);
  const largest = exps.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  let total = 0;
  for (let k = 0; k < exps.length; k++) {
    exps[k] = Math.exp(exps[k]! - largest);
    total += exps[k]!;
  }
  return exps.map((value) => value / total);
}
