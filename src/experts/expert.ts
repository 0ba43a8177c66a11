/**
 * One small regressor, whatever its family: data that can be predicted with, stored and read back.
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

export type Expert = MlpExpert | RidgeExpert;

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
