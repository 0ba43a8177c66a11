/**
 * A gate: the learned function from inputs to one score per expert, learned from x alone.
 *
 * Scores of a row are probabilities: not negative, summing to 1. Four kinds: a softmax net, an
 * ensemble of such nets, a tree of cuts, and one calibrated SVM for each pair of regimes whose
 * probabilities are coupled.
 */
import type { Net } from "../experts/index.ts";
import type { Matrix } from "../shared/matrix.ts";

export interface SoftmaxGate {
  readonly kind: "softmax";
  /** As many outputs as experts. */
  readonly net: Net;
  /**
   * Scores below this share of the row's largest are set to 0 and the others renormalised, so that
   * a distant expert has no effect. In [0, 1); 0 if not given.
   */
  readonly truncation?: number;
}

/** The machine that separates regime `first` (decision > 0) from regime `second`. */
export interface SvmMachine {
  readonly first: number;
  readonly second: number;
  /**
   * Shape (nSupportVectors, nTerms). Of the kernel "rbf": training rows, one term per input. Of the
   * others: one vector, the sum of all support vectors in the terms of svm-terms.ts.
   */
  readonly supportVectors: Matrix;
  /** αᵢyᵢ of each support vector. Shape (nSupportVectors,). */
  readonly coefficients: Float64Array;
  /**
   * decision(x) = Σᵢ coefficientsᵢ k(x, svᵢ) − rho, where k is exp(−gamma‖x − svᵢ‖²) for the
   * kernel "rbf" and terms(x) · svᵢ for the others.
   */
  readonly rho: number;
  /** P(first | first or second) = 1 / (1 + exp(slope · decision + intercept)) (Platt 1999). */
  readonly slope: number;
  readonly intercept: number;
}

/** Kernels, the simplest first: planes, conic sections, and any shape. */
export type SvmKernel = "linear" | "quadratic" | "rbf";

export interface SvmGate {
  readonly kind: "svm";
  /** "rbf" if not given. */
  readonly kernel?: SvmKernel;
  /** The columns of X that the machines see, ascending; all if not given. */
  readonly features?: readonly number[];
  readonly nExperts: number;
  readonly nFeatures: number;
  readonly cost: number;
  readonly gamma: number;
  /** One for each pair first < second, in lexicographic order. */
  readonly machines: readonly SvmMachine[];
  /** Applied in this order to the machines' scores; none if not given. */
  readonly refinements?: readonly Refinement[];
}

/**
 * Divides the sum of some experts' scores of a row among them again; all other scores stay, bit for
 * bit. This changes a gate in one place, and can add experts to those of its machines: their
 * numbers continue from `nExperts`.
 */
export interface Refinement {
  /** At least two, ascending. Their order is the order of `gate`'s experts. */
  readonly experts: readonly number[];
  /** Without refinements. */
  readonly gate: SvmGate;
}

/** Small softmax nets whose outputs are averaged before one softmax. */
export interface EnsembleGate {
  readonly kind: "ensemble";
  /** The columns of X that the nets see, ascending; at least one. */
  readonly features: readonly number[];
  readonly nFeatures: number;
  /** At least one, all of one shape: `features.length` inputs, as many outputs as experts. */
  readonly nets: readonly Net[];
  /** Averaged outputs are divided by it before the softmax; positive, below 1 sharper. */
  readonly temperature: number;
}

/** Sends a row to `left` where the feature is at most the threshold. */
export interface TreeCut {
  readonly feature: number;
  /** The median of the cut's distribution. */
  readonly threshold: number;
  /**
   * The distribution of the cut: its distribution function is linear between knots, 0 up to the
   * first value and 1 from the last. A row goes right with P(cut < its value). Both of shape
   * (nKnots,), `values` ascending, `below` from 0 to 1.
   */
  readonly values: Float64Array;
  readonly below: Float64Array;
  /** Numbers of nodes, both larger than this node's. */
  readonly left: number;
  readonly right: number;
}

export interface TreeLeaf {
  readonly expert: number;
}

export type TreeNode = TreeCut | TreeLeaf;

/** A row's score of an expert is the probability that it reaches one of the expert's leaves. */
export interface TreeGate {
  readonly kind: "tree";
  readonly nExperts: number;
  readonly nFeatures: number;
  /** The root first. */
  readonly nodes: readonly TreeNode[];
}

export type Gate = SoftmaxGate | SvmGate | EnsembleGate | TreeGate;
