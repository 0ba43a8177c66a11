/** Fits a model to a table, for the command `fit` and for the library. */
import { z } from "zod";
import type { SelectedTarget } from "../data/index.ts";
import type { Engine } from "../experts/index.ts";
import {
  type CommitteeReport,
  type Expectation,
  type FitReport,
  GATE_CHOICES,
  predict,
} from "../mixture/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { count } from "../shared/wording.ts";
import { type KeptRows, truncateGates } from "../update/index.ts";
import { withExecutor } from "./engines.ts";
import { type HeldOutRows, heldOutRows } from "./held-out.ts";
import { selectRows } from "./open-table.ts";
import { fitJudgedPlan, hiddenSchema, type PresetSettings, planFit, tuningSchema } from "./plan.ts";
import { describeFit, type Regressor } from "./regressor.ts";
import { type DataTable, isDataTable } from "./rows.ts";
import { parseSettings, seedSchema, type TrainingSettings, trainingShape } from "./settings.ts";

export interface FitSettings extends PresetSettings, TrainingSettings {
  /** Keep the rows, so that `save` stores them for updates and forgetting. Default false. */
  readonly keepRows?: boolean | undefined;
}

/** A newly fitted model, with the report of its fit. */
export interface Fitted extends Regressor {
  /** The candidates of the fit, and their errors. */
  readonly report: FitReport | CommitteeReport;
  /** Errors to expect on new rows, and those of simpler models, from rows held out. */
  readonly expectation: Expectation;
  /** What models that had not seen some rows answered to them. */
  readonly heldOut: HeldOutRows;
  /** Warnings about the rows, in sentences; empty if there are none. */
  readonly warnings: readonly string[];
  /** The rows to store, and the regime of each; null if they are not kept. */
  readonly keptRows: (KeptRows & { readonly regimes: Int32Array }) | null;
}

const schema = z.strictObject({
  ...trainingShape,
  preset: z.enum(["fast", "accurate", "regimes"]).optional(),
  families: z.enum(["mlp", "all"]).optional(),
  gate: z.enum(GATE_CHOICES).optional(),
  recombination: z.enum(["smooth", "hard"]).optional(),
  experts: z.union([z.int().min(1).max(16), z.array(z.int().min(1).max(16)).min(1)]).optional(),
  seed: seedSchema,
  hidden: hiddenSchema,
  tuning: tuningSchema,
  keepRows: z.boolean().optional(),
});

/**
 * Fits a model to the rows of a table that have a target. The same rows, settings and seed give the
 * same model to the last bit, on any number of threads.
 *
 * Missing cells and categories need no preparation. A fit of some hundred rows takes seconds; with
 * the preset accurate, minutes.
 *
 * @param table - The result of `openTable`, with a target; at least 10 rows must have one.
 * @throws BailiwickError TARGET_MISSING, TARGET_NOT_NUMERIC, TARGET_CONSTANT, COLUMN_MISSING or
 *   TOO_FEW_ROWS for rows that cannot be fitted; INVALID_OPTION for a wrong setting;
 *   ENGINE_UNAVAILABLE, EXPERT_DIVERGED, MEMORY_EXCEEDED, WORKER_FAILED.
 * @throws `signal.reason` once the signal is aborted. No thread and no file is left.
 * @example
 * ```ts
 * import { fit, openTable } from "bailiwick";
 *
 * const table = await openTable("prices.csv", { target: "price" });
 * const model = await fit(table, {
 *   experts: [1, 2],
 *   tuning: { steps: [600], extendTo: 600 }, // quick; the default tries more steps
 *   signal: AbortSignal.timeout(600_000),
 *   onProgress: (stage, fraction) => console.error(`${Math.round(100 * fraction)} % ${stage}`),
 * });
 * console.log(`partitioning: ${model.verdict.partitioning}, ${model.verdict.why}`);
 * ```
 */
export async function fit(table: DataTable, settings: FitSettings = {}): Promise<Fitted> {
  const { keepRows = false, ...checked } = parseSettings("fit", schema, settings);
  const plan = planFit(checked);
  if (!isDataTable(table)) {
    const message = `the table must be what openTable gives, got a value of type ${typeof table}`;
    throw new BailiwickError("INVALID_OPTION", `fit: ${message}`);
  }
  const selected = selectRows(table.name, table.table, table);
  return withExecutor(checked, async (executor, progress) => {
    const judged = await fitJudgedPlan(plan, selected, executor, progress);
    const model = keepRows ? truncateGates(judged.model) : judged.model;
    const { report, verdict, expectation } = judged;
    const { name, sha256 } = table;
    const source = { name, sha256, seed: plan.fit.seed, preset: plan.preset, verdict };
    return {
      ...describeFit(executor.engine, { model, report, expectation }, selected, source),
      report,
      expectation,
      heldOut: heldOutRows(judged, selected),
      warnings: [...table.warnings, ...copiedRows(report)],
      keptRows: keepRows ? keptOf(executor.engine, model, table, selected) : null,
    };
  });
}

function copiedRows(report: Fitted["report"]): readonly string[] {
  const { nCopies } = report;
  if (nCopies === 0) return [];
  const are = nCopies === 1 ? "is a copy" : "are copies";
  const rows = `${count(nCopies, "row")} ${are} of other rows`;
  return [`${rows}, target included; copies stay on one side of every split`];
}

function keptOf(
  engine: Engine,
  model: Regressor["model"],
  { table, sha256 }: DataTable,
  { rows, targetName, features }: SelectedTarget,
): Fitted["keptRows"] {
  const regimes = predict(engine, model, features).routes[0]!.experts;
  return { table, rows, target: targetName, sha256, regimes };
}
