/** What is kept of an expert beside its parameters: errors on held-out rows, and an explanation. */
import { featureTable, type TargetScale } from "../../data/index.ts";
import type { Engine, Samples } from "../../experts/index.ts";
import { explainExpert } from "../../explain/index.ts";
import {
  type Range,
  regimeQuantiles,
  standardRange,
  standardResiduals,
  summariseAnswers,
} from "../../mixture/index.ts";
import type { Current } from "../current.ts";
import type { NewRows } from "../watch/index.ts";
import type { DraftExpert } from "./draft.ts";
import type { ClippedExpert, Learnt } from "./expert/index.ts";

export type Described = Omit<DraftExpert, "explanation">;

/** Where an expert's answers are clipped; the model's range if it has none of its own. */
export function clipped(
  { expert, range }: Pick<DraftExpert, "expert" | "range">,
  target: TargetScale,
): ClippedExpert {
  return { expert, range: range ?? standardRange(target) };
}

/** A range of its own only where it is wider than the model's. */
export function widerRange(range: Range, target: TargetScale): Range | null {
  const model = standardRange(target);
  return range.least < model.least || range.most > model.most ? range : null;
}

/** Mean square of an expert's errors on held-out rows, standardised. */
export function expectedSquare(
  { report }: Pick<DraftExpert, "report">,
  target: TargetScale,
): number {
  return standardResiduals(report.residuals, target).meanSquaredError;
}

/** @param share - Of all rows, those of the expert's regime. */
export function describeExpert(
  { expert, heldOut, heldTargets }: Pick<Learnt, "expert" | "heldOut" | "heldTargets">,
  { share, range }: { readonly share: number; readonly range: Range | null },
  target: TargetScale,
): Described {
  const answers = heldOut.map((error, i) => error + heldTargets[i]!);
  const residuals = summariseAnswers(answers, heldTargets, target);
  return { expert, range, report: { share, residuals }, errors: regimeQuantiles(heldOut) };
}

/** The rows of an expert, for its explanation. */
export interface ExplainedRows {
  /** By their place among the new rows. */
  readonly rows: Int32Array;
  /** Rows that it has learnt from, those among them and earlier ones. */
  readonly nRows: number;
  /** Rows that are not strange to it; null if those known before are all. */
  readonly covered: Samples["X"] | null;
  /** The expert in whose place it comes; null if it is new. */
  readonly before: DraftExpert | null;
}

/** The expert with an explanation, if the model has one. */
export function explained(
  engine: Engine,
  { model, explanation }: Pick<Current, "model" | "explanation">,
  described: Described,
  { table, samples, rows, nRows, covered, before }: NewRows & ExplainedRows,
): DraftExpert {
  if (explanation === null) return { ...described, explanation: null };
  const { report, expert } = described;
  const ground = {
    preprocessing: model.preprocessing,
    table: featureTable(model.preprocessing, table.features),
    X: samples.X,
    rows,
    report,
  };
  const evidence = { ...ground, nRows, covered, earlier: before?.explanation ?? null };
  return { ...described, explanation: explainExpert(engine, expert, evidence) };
}
