/**
 * A gate: the learned function from inputs to one score an expert, learned from x alone.
 *
 * Scores of a row are probabilities: not negative, summing to 1. Two kinds: a softmax net, and
 * one calibrated RBF-SVM for each pair of regimes whose probabilities are coupled.
 */
import type { Net } from "../experts/index.ts";
import type { Matrix } from "../shared/matrix.ts";

export interface SoftmaxGate {
  readonly kind: "softmax";
  /** As many outputs as experts. */
  readonly net: Net;
}

/** The machine that tells regime `first` (decision > 0) from regime `second`. */
export interface SvmMachine {
  readonly first: number;
  readonly second: number;
  /** Shape (nSupportVectors, nFeatures). */
  readonly supportVectors: Matrix;
  /** αᵢyᵢ of each support vector. Shape (nSupportVectors,). */
  readonly coefficients: Float64Array;
  /** decision(x) = Σᵢ coefficientsᵢ exp(−gamma‖x − svᵢ‖²) − rho. */
  readonly rho: number;
  /** P(first | first or second) = 1 / (1 + exp(slope · decision + intercept)) (Platt 1999). */
  readonly slope: number;
  readonly intercept: number;
}

export interface SvmGate {
  readonly kind: "svm";
  readonly nExperts: number;
  readonly nFeatures: number;
  readonly cost: number;
  readonly gamma: number;
  /** One for each pair first < second, in lexicographic order. */
  readonly machines: readonly SvmMachine[];
}

export type Gate = SoftmaxGate | SvmGate;
