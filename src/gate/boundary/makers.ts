/**
 * The kinds of boundary, from the simplest to the most flexible, and how each is fitted.
 */
import { takeColumns } from "../../shared/matrix.ts";
import { selectFeatures } from "../ensemble/features.ts";
import { fitEnsembleNets } from "../ensemble/fit.ts";
import type { Gate } from "../gate.ts";
import { fitTree } from "../tree/fit.ts";
import type { BoundaryProblem, GateTrainer } from "./problem.ts";

/** In order of simplicity. */
export const BOUNDARY_KINDS = ["tree", "softmax"] as const;
export type BoundaryKind = (typeof BOUNDARY_KINDS)[number];

/** Fits one kind of boundary to some rows. */
export interface BoundaryMaker {
  readonly kind: BoundaryKind;
  /**
   * Gates of one fit that differ in sharpness alone; always as many, in the same order.
   *
   * @param final - Whether the gate is to be used; else it is to be judged on rows held out, and a
   *   cheaper fit of the same kind serves.
   */
  fit(
    rows: Int32Array,
    how: { readonly seed: number; readonly final: boolean },
  ): Promise<readonly Gate[]>;
}

const TEMPERATURES = [1, 0.5, 0.25];
const TRIAL = { nNets: 2, steps: 12_000, rounds: 0, stepsPerRound: 0 };
const FINAL = { nNets: 8, steps: 15_000, rounds: 3, stepsPerRound: 1500 };

export function createMaker(
  kind: BoundaryKind,
  problem: BoundaryProblem,
  features: () => Promise<readonly number[]>,
  trainer: GateTrainer,
): BoundaryMaker {
  if (kind === "tree") return { kind, fit: async (rows) => [fitTree(problem, rows)] };
  return {
    kind,
    fit: async (rows, { seed, final }) => {
      const kept = await features();
      const { X, costs, labels, nExperts } = problem;
      const part = { X: takeColumns(X, kept), costs, labels, nExperts, rows };
      const nets = await fitEnsembleNets(part, final ? FINAL : TRIAL, seed, trainer);
      return TEMPERATURES.map((temperature) => {
        return { kind: "ensemble", features: kept, nFeatures: X.nColumns, nets, temperature };
      });
    },
  };
}

/** Looks for the features that matter when they are first asked for, and once. */
export function featuresOnce(
  problem: BoundaryProblem,
  rows: Int32Array,
  trainer: GateTrainer,
): () => Promise<readonly number[]> {
  let asked: Promise<readonly number[]> | null = null;
  return () => (asked ??= selectFeatures(problem, rows, trainer));
}
