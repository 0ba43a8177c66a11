/**
 * One small regressor of any family, as data that can predict, be stored and be read back.
 *
 * A family is a set of functions over its own kind of expert. `families` (index.ts) lists them
 * all, and one conformance suite in test/experts runs every family through the same checks.
 */
import type { Matrix } from "../shared/matrix.ts";
import type { Net } from "./net.ts";

export interface MlpExpert {
  readonly kind: "mlp";
  readonly net: Net;
}

/** f(x) = intercept + φ(x)·coefficients, φ the identity or all monomials up to degree 2. */
export interface RidgeExpert {
  readonly kind: "ridge";
  readonly degree: 1 | 2;
  readonly nFeatures: number;
  readonly penalty: number;
  /** Intercept first. Shape (1 + number of terms,). */
  readonly coefficients: Float64Array;
}

/** Scales of a covariance: see gp/kernel.ts. */
export interface GpKernel {
  /** Of each input. Shape (nFeatures,). */
  readonly lengths: Float64Array;
  readonly signal: number;
  readonly noise: number;
  readonly linear: number;
}

/** f(x) = Σ_c weights_c · k(x, centre_c). */
export interface GpExpert {
  readonly kind: "gp";
  readonly kernel: GpKernel;
  /** Shape (nCentres, nFeatures). */
  readonly centres: Matrix;
  /** Shape (nCentres,). */
  readonly weights: Float64Array;
}

/** f(x) = base + Σ of the leaf that each tree leads x to. Nodes of all trees in flat arrays. */
export interface TreesExpert {
  readonly kind: "trees";
  /** How the trees were grown; an update grows its trees in the same way. */
  readonly family: "trees" | "forest";
  readonly nFeatures: number;
  readonly base: number;
  /** The input that a node compares; −1 in a leaf. Shape (nNodes,). */
  readonly features: Int32Array;
  /** Up to it to the first child, above it to the second. Shape (nNodes,). */
  readonly thresholds: Float32Array;
  /** The first child, the second after it; both after the node itself. Shape (nNodes,). */
  readonly children: Int32Array;
  /** Shape (nNodes,). */
  readonly values: Float32Array;
  /** Of each tree. Shape (nTrees,). */
  readonly roots: Int32Array;
}

export type Expert = MlpExpert | RidgeExpert | GpExpert | TreesExpert;

/** Families that are fitted at once, without steps. */
export const FAMILIES = ["ridge", "gp", "trees", "forest"] as const;
export type FamilyName = (typeof FAMILIES)[number];

/** Rows to fit on, in standardised units. */
export interface Samples {
  /** Shape (nSamples, nFeatures). */
  readonly X: Matrix;
  /** Shape (nSamples,). */
  readonly y: Float32Array;
  /** Shape (nSamples,); null for 1. */
  readonly weights: Float32Array | null;
  /** Rows of one group stay together in every hold-out; null if each row stands alone. */
  readonly groups: readonly string[] | null;
}
