/** Fits a model to a table, for the command `fit` and for the library. */
import { z } from "zod";
import type { SelectedTarget } from "../data/index.ts";
import type { Engine } from "../experts/index.ts";
import {
  type CommitteeReport,
  type Expectation,
  type FitReport,
  predict,
} from "../mixture/index.ts";
import { GATE_CHOICES, TARGET_TRANSFORMS, type TransformChoice } from "../shared/choices.ts";
import { nowMs } from "../shared/clock.ts";
import { BailiwickError } from "../shared/errors.ts";
import { count } from "../shared/wording.ts";
import { type KeptRows, truncateGates } from "../update/index.ts";
import { fitAuto, type StageReport } from "./auto.ts";
import { defaultTimeMs } from "./auto-stages.ts";
import { type ColumnUse, columnUses } from "./column-uses.ts";
import { chooseDateParts } from "./date-choice.ts";
import { withExecutor } from "./engines.ts";
import { type HeldOutRows, heldOutRows } from "./held-out.ts";
import { addLevelEffects } from "./level-effects.ts";
import { selectRows } from "./open-table.ts";
import {
  fitJudgedPlan,
  hiddenSchema,
  type JudgedFit,
  type PresetSettings,
  planFit,
  tuningSchema,
  undivided,
} from "./plan.ts";
import { describeFit, type Regressor } from "./regressor.ts";
import { type DataTable, isDataTable } from "./rows.ts";
import { parseSettings, seedSchema, type TrainingSettings, trainingShape } from "./settings.ts";
import { chooseTransform } from "./target-choice.ts";

export interface FitSettings extends PresetSettings, TrainingSettings {
  /**
   * Of the preset auto: milliseconds until no better model is tried; the first model is fitted
   * however long it takes. Default 5 minutes for 2,000 rows at most, 15 for 20,000, else 60.
   */
  readonly timeMs?: number | undefined;
  /**
   * Of the preset auto: once it is aborted, the best model so far is the result, and the first one
   * where there is none yet.
   */
  readonly stop?: AbortSignal | undefined;
  /** Keep the rows, so that `save` stores them for updates and forgetting. Default false. */
  readonly keepRows?: boolean | undefined;
  /**
   * "log" learns the logarithm of a positive target, "none" the target as it is; predictions are in
   * the target's unit. Default "auto": the one with the lower held-out error in that unit, where
   * the target spans decades.
   */
  readonly targetTransform?: TransformChoice | undefined;
}

/** A newly fitted model, with the report of its fit. */
export interface Fitted extends Regressor {
  /** The candidates of the fit, and their errors. */
  readonly report: FitReport | CommitteeReport;
  /** Errors to expect on new rows, and those of simpler models, from rows held out. */
  readonly expectation: Expectation;
  /** What models that had not seen some rows answered to them. */
  readonly heldOut: HeldOutRows;
  /** The stages of the preset auto, in their order; empty for other presets. */
  readonly stages: readonly StageReport[];
  /** Warnings about the rows, in sentences; empty if there are none. */
  readonly warnings: readonly string[];
  /** What became of each column of the table. */
  readonly columns: readonly ColumnUse[];
  /** The rows to store, and the regime of each; null if they are not kept. */
  readonly keptRows: (KeptRows & { readonly regimes: Int32Array }) | null;
}

/** A timer holds no longer time. */
const MAX_TIME_MS = 2 ** 31 - 1;

const schema = z.strictObject({
  ...trainingShape,
  preset: z.enum(["auto", "fast", "accurate", "regimes"]).optional(),
  timeMs: z.number().min(1).max(MAX_TIME_MS).optional(),
  stop: trainingShape.signal,
  families: z.enum(["mlp", "all"]).optional(),
  gate: z.enum(GATE_CHOICES).optional(),
  recombination: z.enum(["smooth", "hard"]).optional(),
  experts: z.union([z.int().min(1).max(16), z.array(z.int().min(1).max(16)).min(1)]).optional(),
  seed: seedSchema,
  hidden: hiddenSchema,
  tuning: tuningSchema,
  keepRows: z.boolean().optional(),
  targetTransform: z.enum(TARGET_TRANSFORMS).optional(),
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
 *   preset: "fast",
 *   experts: [1, 2],
 *   tuning: { steps: [600], extendTo: 600 }, // quick; the default tries more steps
 *   signal: AbortSignal.timeout(600_000),
 *   onProgress: (stage, fraction) => console.error(`${Math.round(100 * fraction)} % ${stage}`),
 * });
 * console.log(`partitioning: ${model.verdict.partitioning}, ${model.verdict.why}`);
 * ```
 */
export async function fit(table: DataTable, settings: FitSettings = {}): Promise<Fitted> {
  const {
    keepRows = false,
    targetTransform = "auto",
    ...checked
  } = parseSettings("fit", schema, settings);
  const { preset = "auto", timeMs, stop } = checked;
  const plan = preset === "auto" ? null : planFit({ ...checked, preset });
  if (plan === null) planFit({ ...undivided(checked), preset: "accurate" });
  else checkBudget(checked);
  if (!isDataTable(table)) {
    const message = `the table must be what openTable gives, got a value of type ${typeof table}`;
    throw new BailiwickError("INVALID_OPTION", `fit: ${message}`);
  }
  const dated = chooseDateParts(selectRows(table.name, table.table, table));
  const transformed = chooseTransform(dated.selected, targetTransform);
  const { selected, notes: ofLevels } = addLevelEffects(transformed.selected);
  const notes = [...dated.notes, ...transformed.notes, ...ofLevels];
  if (plan !== null) {
    return withExecutor(checked, async (executor, progress) => {
      const judged = await fitJudgedPlan(plan, selected, executor, progress);
      return describe({ ...judged, preset, seed: plan.fit.seed, stages: [] }, executor.engine);
    });
  }
  const budget = { timeMs: timeMs ?? defaultTimeMs(selected.y.length), nowMs, stop };
  const found = await fitAuto(checked, selected, checked, budget);
  return withExecutor(checked, async ({ engine }) =>
    describe({ ...found, preset, seed: found.plan.fit.seed }, engine),
  );

  function describe(own: Judged, engine: Engine): Fitted {
    const { report, verdict, expectation, stages, seed } = own;
    const model = keepRows ? truncateGates(own.model) : own.model;
    const { name, sha256 } = table;
    const source = { name, sha256, seed, preset, verdict };
    return {
      ...describeFit(engine, { model, report, expectation }, selected, source),
      report,
      expectation,
      heldOut: heldOutRows(own, selected),
      stages,
      warnings: [...table.warnings, ...notes, ...copiedRows(report)],
      columns: columnUses(table, model.preprocessing),
      keptRows: keepRows ? keptOf(engine, model, table, selected) : null,
    };
  }
}

/** A fit with its verdict, and what its preset was. */
type Judged = JudgedFit & {
  readonly preset: string;
  readonly seed: number;
  readonly stages: readonly StageReport[];
};

/** @throws INVALID_OPTION for settings of the preset auto with another. */
function checkBudget({ preset = "auto", timeMs, stop }: FitSettings): void {
  if (timeMs === undefined && stop === undefined) return;
  const name = timeMs === undefined ? "stop" : "timeMs (--time)";
  const message = `fit: ${name} goes with the preset auto alone, got the preset ${preset}`;
  throw new BailiwickError("INVALID_OPTION", message, { preset });
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
