/** Changes a saved model: by new rows, by forgetting rows, or back to a version. */
import { z } from "zod";
import { readBundle } from "../bundle/index.ts";
import { selectTarget } from "../data/index.ts";
import {
  type Batch,
  type DecideOptions,
  type DecisionReport,
  type ForgetReport,
  forgetKey,
  planBundleUpdate,
  rollback as rollBundleBack,
  type UpdateReport,
  updateBundle,
} from "../update/index.ts";
import { withExecutor } from "./engines.ts";
import { type ReadSettings, type Rows, readRows, readShape } from "./rows.ts";
import { parseSettings, seedSchema, type TrainingSettings, trainingShape } from "./settings.ts";
import { describeTrained, trainedShare } from "./trained-on.ts";

export interface ChangeSettings extends TrainingSettings {
  /** Seed of every random choice. Default 1. */
  readonly seed?: number | undefined;
}

export interface UpdateSettings extends ChangeSettings, ReadSettings {
  /** The thresholds at which an expert counts as changed. */
  readonly decide?: Partial<DecideOptions> | undefined;
}

const changeShape = { ...trainingShape, seed: seedSchema };
const changeSchema = z.strictObject(changeShape);
const updateSchema = z.strictObject({
  ...changeShape,
  ...readShape,
  decide: z
    .strictObject({
      alpha: z.number().gt(0).lt(1),
      moreRows: z.number().gt(1),
      seed: z.int().min(0),
    })
    .partial()
    .optional(),
});

/**
 * Updates a bundle with new rows: experts whose rows have changed are trained again, the others
 * keep every bit. If an expert was replaced, the bundle serves a new version; earlier versions are
 * kept.
 *
 * @param folder - A bundle. Rows kept beside it (`keepRows`) are used for training too.
 * @param rows - As for `predict`, with the target's column, in order of time.
 * @returns The version, and for each expert the decision, its reason and its result.
 * @throws as `load` and `predict`; BailiwickError TARGET_MISSING; BUNDLE_BUSY if another process
 *   updates it; STORE_CORRUPT, WRITE_FAILED.
 * @throws `signal.reason` once the signal is aborted; the bundle then serves the same version as
 *   before.
 * @example
 * ```ts
 * import { update } from "bailiwick";
 *
 * const { version, decisions } = await update("out/prices", "new-prices.csv");
 * for (const { expert, action, why } of decisions) console.log(`${expert} ${action}: ${why}`);
 * console.log(`version ${version}`);
 * ```
 */
export async function update(
  folder: string,
  rows: Rows,
  settings: UpdateSettings = {},
): Promise<UpdateResult> {
  const { seed = 1, decide, ...checked } = parseSettings("update", updateSchema, settings);
  const { notes, ...batch } = await readBatch(folder, rows, checked);
  const report = await withExecutor(checked, (executor) =>
    updateBundle(folder, batch, { executor, seed, ...(decide && { decide: definedOf(decide) }) }),
  );
  return { ...report, notes: [...notes, ...learntBefore(report)] };
}

function learntBefore({ learntIn }: UpdateReport): readonly string[] {
  if (learntIn === null) return [];
  return [`these very rows were given before, to version ${learntIn}; nothing is done again`];
}

/** What an update did. */
export interface UpdateResult extends UpdateReport {
  /** What is worth knowing of the rows, in sentences: that the model was trained on them before. */
  readonly notes: readonly string[];
}

/** The decisions of an update, before it is done. */
export interface UpdateForecast {
  /** As `UpdateResult` has them. */
  readonly notes: readonly string[];
  /** Why nothing would be learnt from these rows; empty if the rows are accepted. */
  readonly warnings: readonly string[];
  /** One entry per expert, in their order, and one more for a new regime. */
  readonly decisions: readonly DecisionReport[];
}

/**
 * The decisions of `update`, expert by expert, with the cost in multiply-adds. Nothing is written.
 *
 * @param rows - As for `update`.
 * @throws as `update`, except for errors of writing.
 * @example
 * ```ts
 * import { planUpdate } from "bailiwick";
 *
 * const { decisions } = await planUpdate("out/prices", "new-prices.csv");
 * console.log(decisions.map(({ expert, action }) => `${expert} ${action}`).join(", "));
 * ```
 */
export async function planUpdate(
  folder: string,
  rows: Rows,
  settings: UpdateSettings = {},
): Promise<UpdateForecast> {
  const { seed = 1, decide, ...checked } = parseSettings("planUpdate", updateSchema, settings);
  const { notes, ...batch } = await readBatch(folder, rows, checked);
  const plan = await withExecutor(checked, (executor) =>
    planBundleUpdate(folder, batch, {
      executor,
      seed,
      ...(decide && { decide: definedOf(decide) }),
    }),
  );
  return { ...plan, notes };
}

async function readBatch(
  folder: string,
  rows: Rows,
  reading: ReadSettings,
): Promise<Batch & Pick<UpdateForecast, "notes">> {
  const { model, manifest } = await readBundle(folder);
  const { provenance } = manifest;
  const batch = await readRows(rows, model.preprocessing, "all", reading);
  const { name } = model.preprocessing.target;
  const { features, y } = selectTarget(batch.table, name, { minRows: 1, allowConstant: true });
  const share = trainedShare({ model, provenance }, { features, y, sha256: batch.sha256 });
  return { ...batch, notes: describeTrained(share, provenance) };
}

/** The entries whose value is given. */
function definedOf({
  alpha,
  moreRows,
  seed,
}: NonNullable<z.output<typeof updateSchema>["decide"]>) {
  return {
    ...(alpha === undefined ? {} : { alpha }),
    ...(moreRows === undefined ? {} : { moreRows }),
    ...(seed === undefined ? {} : { seed }),
  };
}

/**
 * Forgets kept rows: removes them from the store, and trains every expert from nothing without
 * them. Earlier versions are removed. A call that was killed is finished by the same call.
 *
 * @param folder - A bundle whose rows were kept.
 * @param key - The rows to forget: a column, and the text of its cell.
 * @throws as `load`; BailiwickError STORE_MISSING if no rows were kept; COLUMN_MISSING;
 *   BUNDLE_BUSY; TOO_FEW_ROWS if too few rows would remain for an expert.
 * @throws `signal.reason` once the signal is aborted; then nothing is forgotten.
 * @example
 * ```ts
 * import { forget } from "bailiwick";
 *
 * const { nForgotten, rowsRead } = await forget("out/prices", { column: "id", value: "17" });
 * console.log(`${nForgotten} of ${rowsRead} rows are forgotten`);
 * ```
 */
export async function forget(
  folder: string,
  key: { readonly column: string; readonly value: string },
  settings: ChangeSettings = {},
): Promise<ForgetReport> {
  const { seed = 1, ...checked } = parseSettings("forget", changeSchema, settings);
  return withExecutor(checked, (executor) => forgetKey(folder, key, { executor, seed }));
}

/** The version before and after. */
export interface RolledBack {
  readonly from: number;
  readonly version: number;
  readonly digest: string;
}

/**
 * Makes a bundle serve an earlier version again. Every version is kept, so this can be undone.
 *
 * @param to - The version's number. Default: the one that the served version was made from.
 * @throws as `load`; BailiwickError INVALID_OPTION if there is no such version; BUNDLE_BUSY.
 * @example
 * ```ts
 * import { rollback, update } from "bailiwick";
 *
 * const { versionBefore, version } = await update("out/prices", "changed-prices.csv");
 * if (version !== versionBefore) await rollback("out/prices", versionBefore);
 * ```
 */
export function rollback(folder: string, to?: number): Promise<RolledBack> {
  return rollBundleBack(folder, to);
}
