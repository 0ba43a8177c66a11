/**
 * The library's model: the parameters that predict, and the other facts that a bundle keeps.
 *
 * Every fit that becomes a bundle passes `describeFit`, from a program, a command or a bench.
 */
import type { Bundle, BundleContent, Provenance, UpdateRecord } from "../bundle/index.ts";
import { levelEffectName, markRows } from "../data/index.ts";
import type { Engine } from "../experts/index.ts";
import { type Explanation, explainFit } from "../explain/index.ts";
import {
  type ExpertReport,
  expertReports,
  type Model,
  type TrainingTable,
  type Verdict,
} from "../mixture/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import type { PlannedFit } from "./plan.ts";

/** A fitted model, as returned by `fit` and `load`. Plain data: it need not be closed. */
export interface Regressor {
  /** Preprocessing, experts and gates: everything that a prediction needs. */
  readonly model: Model;
  /** Whether several experts were worth it against one net and an ensemble of equal cost. */
  readonly verdict: Verdict;
  /** The data, the seed and the engine that the model comes from. */
  readonly provenance: Provenance;
  /** Share and held-out errors of each expert: one list per member, one report per expert. */
  readonly experts: readonly (readonly ExpertReport[])[];
  /** Rules, effects and novelty of the regimes; null in a bundle without an explanation. */
  readonly explanation: Explanation | null;
  /** The update that made this version; null if a fit made it. */
  readonly update: UpdateRecord | null;
  /** The bundle that the model was read from; null for a fit that was not saved. */
  readonly saved: SavedVersion | null;
}

/** The bundle version of a saved model. */
export interface SavedVersion {
  readonly version: number;
  /** Equal for equal models and facts, independent of when and where they were written. */
  readonly digest: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Version of the package that wrote it. */
  readonly packageVersion: string;
}

/** The origin of a fit's rows, for the model's provenance. */
export interface FitSource {
  readonly name: string;
  /** SHA-256 of the file, or of the values of rows from a program. */
  readonly sha256: string;
  readonly seed: number;
  /** null if no preset was used. */
  readonly preset: string | null;
  readonly verdict: Verdict;
}

/**
 * The model that `save` and `predict` take, from a fit without a preset. It explains the regimes.
 *
 * @param table - The rows that the fit was given.
 * @example
 * ```ts
 * import { openTable, save } from "bailiwick";
 * import { createInlineExecutor, createWasmEngine, describeFit } from "bailiwick/engine";
 * import { fitJudgedModel, PRESETS, selectTarget } from "bailiwick/engine";
 *
 * const { table, name, sha256 } = await openTable("prices.csv");
 * const rows = selectTarget(table, "price", { drop: ["id"] });
 * const tuning = { ...PRESETS.fast.tuning, steps: [300], extendTo: 300 };
 * const options = { ...PRESETS.fast, experts: 2, tuning };
 * const executor = createInlineExecutor(await createWasmEngine());
 * const fitted = await fitJudgedModel(rows, options, executor, () => {});
 * const source = { name, sha256, seed: options.seed, preset: null, verdict: fitted.verdict };
 * const regressor = describeFit(executor.engine, fitted, rows, source);
 * console.log((await save(regressor, "out/by-hand")).version);
 * await executor.close();
 * ```
 */
export function describeFit(
  engine: Engine,
  { model, report, expectation }: Pick<PlannedFit, "model" | "report" | "expectation">,
  table: TrainingTable,
  { name, sha256, seed, preset, verdict }: FitSource,
): Regressor {
  const provenance: Provenance = {
    dataName: name,
    dataSha256: sha256,
    seed,
    engine: engine.name,
    nTrain: table.y.length,
    rowMarks: markRows(model.preprocessing, withoutEffects(table)),
    preset,
    metrics: expectation,
    verdict,
  };
  const explanation = explainFit(engine, { model, report }, table);
  const experts = expertReports(report);
  return { model, verdict, provenance, experts, explanation, update: null, saved: null };
}

/** The rows as they are read again, with the effects of levels computed from the levels. */
function withoutEffects({ features, y }: TrainingTable): Pick<TrainingTable, "features" | "y"> {
  const names = new Set(features.effects?.map(({ column }) => levelEffectName(column)));
  const columns = features.columns.filter(({ name }) => !names.has(name));
  return { features: { ...features, columns }, y };
}

/** The content of a bundle of the model. */
export function contentOf({
  model,
  provenance,
  experts,
  explanation,
  update,
}: Regressor): BundleContent {
  return {
    model,
    facts: { provenance, experts, ...(update === null ? {} : { update }) },
    ...(explanation === null ? {} : { explanation }),
  };
}

/** The model that a bundle holds. */
export function regressorOf({ model, explanation, manifest, version, digest }: Bundle): Regressor {
  const { provenance, members, update = null, createdAt, packageVersion } = manifest;
  const saved = { version, digest, createdAt, packageVersion };
  const experts = members.map((member) =>
    member.experts.map(({ share, residuals }) => ({ share, residuals })),
  );
  const { verdict } = provenance;
  return { model, verdict, provenance, experts, explanation, update, saved };
}

/** @throws INVALID_OPTION unless `value` is a result of `fit` or `load`. */
export function checkRegressor(caller: string, value: unknown): asserts value is Regressor {
  const isRegressor =
    typeof value === "object" && value !== null && "model" in value && "provenance" in value;
  if (isRegressor) return;
  const actual =
    typeof value === "string" ? `the text "${value}"` : `a value of type ${typeof value}`;
  const message = `${caller}: the model must be what fit or load gives, got ${actual}`;
  throw new BailiwickError("INVALID_OPTION", message);
}
