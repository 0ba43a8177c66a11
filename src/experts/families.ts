/** Fits of any family, and what an expert of any kind is. answers.ts has their answers. */
import type { Expert, FamilyName, GpKernel, Samples } from "./expert.ts";
import { fitGp, tuneGp } from "./gp/fit.ts";
import { fitRidge, MAX_TERMS, ridgeDegree } from "./ridge.ts";
import { checkValues } from "./task.ts";
import type { TreesSettings } from "./trees/boost.ts";
import { fitTrees, tuneTrees } from "./trees/fit.ts";
import { fitForest } from "./trees/forest.ts";

/** Settings chosen on some samples, for fits to those and to parts of them. */
export interface FamilySettings {
  readonly gp?: GpKernel;
  readonly trees?: readonly TreesSettings[];
}

/** The families that can take this number of columns: a ridge solves for all its terms at once. */
export function familiesFor(
  families: readonly FamilyName[],
  nColumns: number,
): readonly FamilyName[] {
  return families.filter((family) => family !== "ridge" || nColumns <= MAX_TERMS);
}

/**
 * Settings of the families that have settings.
 *
 * @param limits - Most rows that a Gaussian process' kernel is tuned on; most trees of a run.
 * @throws as `fitFamily`.
 */
export function tuneFamilies(
  families: readonly FamilyName[],
  samples: Samples,
  seed: number,
  limits: { readonly kernelRows?: number; readonly nTrees?: number | undefined } = {},
): FamilySettings {
  return {
    ...(families.includes("gp") ? { gp: tuneGp(samples, seed, limits.kernelRows) } : {}),
    ...(families.includes("trees") ? { trees: tuneTrees(samples, seed, limits.nTrees) } : {}),
  };
}

/**
 * Fits an expert of a family to samples, on this thread.
 *
 * Ridge is quadratic unless that gives too many terms. Missing settings are chosen.
 *
 * @throws VALUE_NOT_FINITE, SHAPE_MISMATCH, TOO_FEW_ROWS.
 */
export function fitFamily(
  family: FamilyName,
  samples: Samples,
  seed: number,
  settings: FamilySettings = {},
): Expert {
  checkValues("X.values", samples.X.values);
  checkValues("y", samples.y);
  if (family === "gp") return fitGp(samples, seed, settings.gp);
  if (family === "trees") return fitTrees(samples, seed, settings.trees);
  if (family === "forest") return fitForest(samples, seed);
  return fitRidge(samples, ridgeDegree(samples.X.nColumns));
}

/** The family that fits an expert; null for nets, which are trained. */
export function familyOf(expert: Expert): FamilyName | null {
  if (expert.kind === "mlp") return null;
  return expert.kind === "trees" ? expert.family : expert.kind;
}

/** Numbers that were fitted. */
export function countExpertParameters(expert: Expert): number {
  if (expert.kind === "mlp") return expert.net.parameters.length;
  if (expert.kind === "ridge") return expert.coefficients.length;
  if (expert.kind === "gp") return expert.weights.length + expert.centres.values.length;
  return 2 * expert.values.length;
}
