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
  /**
   * Scores below this share of the row's largest are dropped and the others renormalised, so that
   * an expert far away has no say at all. In [0, 1); 0 if not given.
   */
  readonly truncation?: number;
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
  /** Applied in this order to what the machines say; none if not given. */
  readonly refinements?: readonly Refinement[];
}

/**
 * What some experts have of a row together, divided among them anew; all others' scores stay what
 * they are, bit for bit. How a gate is changed in one place, and how it gets more experts than its
 * machines tell apart: those are numbered on from `nExperts`.
 */
export interface Refinement {
  /** At least two, ascending. Their order is the order of `gate`'s experts. */
  readonly experts: readonly number[];
  /** Without refinements of its own. */
  readonly gate: SvmGate;
}

export type Gate = SoftmaxGate | SvmGate;
