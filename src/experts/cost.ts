/**
 * The cost of experts in multiply-adds, by formulas: the same on every machine, so that decisions
 * by cost are reproducible. Approximate.
 */
import type { TrainTask } from "./engine.ts";
import type { Expert, FamilyName } from "./expert.ts";
import { gpFitCost } from "./gp/fit.ts";
import { ridgeFitCost } from "./ridge.ts";
import { treesFitCost } from "./trees/fit.ts";
import { forestFitCost } from "./trees/forest.ts";

/** Cost of an exponential, and of a walk down a tree. */
const EXP_FLOPS = 20;
const TREE_FLOPS = 12;

/** Of one prediction. */
export function expertFlops(expert: Expert): number {
  if (expert.kind === "mlp") {
    const { sizes } = expert.net;
    return sizes.slice(1).reduce((sum, size, l) => sum + size * sizes[l]!, 0);
  }
  if (expert.kind === "ridge") return expert.coefficients.length;
  if (expert.kind === "gp")
    return expert.weights.length * (3 * expert.centres.nColumns + EXP_FLOPS);
  return expert.roots.length * TREE_FLOPS;
}

/** Of one training task, forward and backward. */
export function trainCost(task: Pick<TrainTask, "net" | "options">): number {
  return 3 * task.options.steps * task.options.batchSize * task.net.parameters.length;
}

/** Rows of some inputs to fit an expert of a family to. */
export interface FitSize {
  readonly nRows: number;
  readonly nInputs: number;
  /** Whether the kernel of a Gaussian process is given. Default: it is tuned. */
  readonly isTuned?: boolean;
}

/** Of fitting an expert of a family, its settings included. */
export function familyFitCost(family: FamilyName, size: FitSize): number {
  if (family === "ridge") return ridgeFitCost(size);
  if (family === "gp") return gpFitCost(size);
  return family === "trees" ? treesFitCost(size) : forestFitCost(size);
}
