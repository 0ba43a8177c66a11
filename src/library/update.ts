/** Changing a saved model: by new rows, by rows that are to be forgotten, back to a version. */
import { z } from "zod";
import { readBundle } from "../bundle/index.ts";
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

export interface ChangeSettings extends TrainingSettings {
  /** Seed of every random choice. Default 1. */
  readonly seed?: number | undefined;
}

export interface UpdateSettings extends ChangeSettings, ReadSettings {
  /** When an expert counts as changed. What is left out keeps its default. */
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
 * Updates a bundle by new rows: experts whose rows have changed are trained again, the others keep
 * every bit. If anything was replaced, the bundle serves a new version; earlier ones are kept.
 *
 * @param folder - A bundle. Rows that were kept beside it (`keepRows`) are learnt from too.
 * @param rows - As for `predict`, with the target's column, in the order in which they came.
 * @returns The version, and what was decided for each expert, why, and how it turned out.
 * @throws as `load` and `predict`; BailiwickError TARGET_MISSING; BUNDLE_BUSY if another process
 *   updates it; STORE_CORRUPT, WRITE_FAILED.
 * @throws `signal.reason` once the signal is aborted; the bundle then serves what it served.
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
): Promise<UpdateReport> {
  const { seed = 1, decide, ...own } = parseSettings("update", updateSchema, settings);
  const batch = await readBatch(folder, rows, own);
  return withExecutor(own, (executor) =>
    updateBundle(folder, batch, { executor, seed, ...(decide && { decide: definedOf(decide) }) }),
  );
}

/** What an update would do. */
export interface UpdateForecast {
  /** Why nothing would be learnt from these rows; empty if nothing is odd. */
  readonly warnings: readonly string[];
  /** One an expert, in their order, and one more for a new regime. */
  readonly decisions: readonly DecisionReport[];
}

/**
 * What `update` would do, expert by expert, with the cost in multiply-adds. Nothing is written.
 *
 * @param rows - As for `update`.
 * @throws as `update`, but for what writing throws.
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
  const { seed = 1, decide, ...own } = parseSettings("planUpdate", updateSchema, settings);
  const batch = await readBatch(folder, rows, own);
  return withExecutor(own, (executor) =>
    planBundleUpdate(folder, batch, {
      executor,
      seed,
      ...(decide && { decide: definedOf(decide) }),
    }),
  );
}

async function readBatch(folder: string, rows: Rows, reading: ReadSettings): Promise<Batch> {
  const { model } = await readBundle(folder);
  return readRows(rows, model.preprocessing, "all", reading);
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
 * Forgets kept rows: they leave the store, and every expert that learnt from them is trained anew
 * without them. Versions that had learnt from them are removed.
 *
 * @param folder - A bundle whose rows were kept.
 * @param key - Which rows: a column, and what its cell reads as.
 * @throws as `load`; BailiwickError STORE_MISSING if no rows were kept; COLUMN_MISSING;
 *   BUNDLE_BUSY; TOO_FEW_ROWS if an expert would be left with too few rows to learn from.
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
  const { seed = 1, ...own } = parseSettings("forget", changeSchema, settings);
  return withExecutor(own, (executor) => forgetKey(folder, key, { executor, seed }));
}

/** From which version to which. */
export interface RolledBack {
  readonly from: number;
  readonly version: number;
  readonly digest: string;
}

/**
 * Makes a bundle serve an earlier version again. Every version stays, so it can be undone.
 *
 * @param to - The version's number. Default the one before the version that is served.
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
