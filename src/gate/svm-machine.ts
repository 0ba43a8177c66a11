/**
 * One binary machine of an SVM gate: trained on the rows of two regimes, calibrated on held-out
 * ones.
 */
import { type Matrix, takeRows } from "../shared/matrix.ts";
import type { SvmKernel } from "./gate.ts";
import { fitSigmoid, type Sigmoid } from "./platt.ts";
import { type DecisionFunction, decisionAt } from "./svm-decision.ts";
import { readModel } from "./svm-model.ts";
import { constantMachine, countTerms, writeTerms } from "./svm-terms.ts";
import type { SvmTrainer } from "./svm-trainer.ts";

/**
 * The solver's tolerance, libsvm's own, and its growth with the cost: its kernel values are 32-bit,
 * and beside a thousand rows at the bound it may never come nearer.
 */
const TOLERANCE = 1e-3;
const TOLERANCE_BY_COST = 1e-6;

export interface Setting {
  readonly cost: number;
  readonly gamma: number;
  /** "rbf" if not given. */
  readonly kernel?: SvmKernel;
}

/** Rows of the two regimes of a pair: those of the positive class, then the others. */
export type PairRows = readonly [readonly number[], readonly number[]];

/** Training settings of every machine of a gate. */
export interface Fit {
  readonly X: Matrix;
  readonly trainer: SvmTrainer;
}

/** One machine, not calibrated. Without rows on either side it is constant, 0. */
export async function train(
  { X, trainer }: Fit,
  rows: PairRows,
  setting: Setting,
): Promise<DecisionFunction> {
  const [positive, negative] = rows;
  const { kernel = "rbf", gamma } = setting;
  if (positive.length === 0 || negative.length === 0) {
    return constantMachine(countTerms(kernel, X.nColumns));
  }
  const chosen = takeRows(X, [...positive, ...negative]);
  const labels = new Int8Array(chosen.nRows).fill(1, 0, positive.length).fill(-1, positive.length);
  const tolerance = Math.max(TOLERANCE, TOLERANCE_BY_COST * setting.cost);
  const trained = await trainer.train({ X: chosen, labels, ...setting, tolerance });
  return readModel(trained, gamma, chosen, kernel);
}

/** The sigmoid of a machine's held-out decisions, their log loss and the number of wrong ones. */
export function calibrate(
  { X }: Fit,
  machine: DecisionFunction,
  setting: Setting,
  held: PairRows,
): { readonly sigmoid: Sigmoid; readonly loss: number; readonly wrong: number } {
  const decisions = decisionsOf(machine, setting, X, held.flat());
  const positive = held.flatMap((list, side) => list.map(() => side === 0));
  const wrong = decisions.filter((decision, place) => decision > 0 !== positive[place]).length;
  return { ...fitSigmoid(decisions, positive), wrong };
}

/** Decisions for some rows of X, in their order. */
export function decisionsOf(
  machine: DecisionFunction,
  { kernel = "rbf", gamma }: Pick<Setting, "kernel" | "gamma">,
  X: Matrix,
  rows: readonly number[],
): readonly number[] {
  const nInputs = X.nColumns;
  const terms = new Float64Array(countTerms(kernel, nInputs));
  return rows.map((i) => {
    writeTerms(kernel, X.values, { start: i * nInputs, nInputs }, terms);
    return decisionAt(machine, { kernel, gamma }, terms);
  });
}
