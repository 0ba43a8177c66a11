/** Models as folders (bundles) and as files for other programs. */
import { extname } from "node:path";
import { z } from "zod";
import {
  EXPORT_FORMATS,
  type ExportFormat,
  lockBundleFolder,
  packForExport,
  readBundle,
  type WrittenBundle,
  writeBundle,
  exportModel as writeExport,
} from "../bundle/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import type { Lock } from "../shared/lock.ts";
import { type Journal, prepareFitStore, settleStore, storeFolder } from "../update/index.ts";
import type { Fitted } from "./fit.ts";
import { checkRegressor, contentOf, type Regressor, regressorOf } from "./regressor.ts";
import { parseSettings } from "./settings.ts";

export interface SaveSettings {
  /** Write into a folder that holds something else. Default false. */
  readonly force?: boolean | undefined;
}

/** What was written. */
export interface Saved {
  /** The number of the version that the bundle serves now. */
  readonly version: number;
  /** Equal for equal models and facts, independent of when and where they are written. */
  readonly digest: string;
  /** The folder of the rows kept beside the bundle; null if none are kept. */
  readonly storeFolder: string | null;
}

const saveSchema = z.strictObject({ force: z.boolean().optional() });

/**
 * Writes a model to a folder, as a new bundle or as the next version of the existing one. The
 * folder is complete at every moment; a killed process leaves the earlier version.
 *
 * @param folder - Created if it does not exist. Rows kept by the fit go to `<folder>.store`; rows
 *   kept beside another model there are removed.
 * @throws BailiwickError OUTPUT_OCCUPIED for a folder that holds something else; BUNDLE_BUSY if
 *   another process writes it; WRITE_FAILED, INVALID_OPTION.
 * @example
 * ```ts
 * import { load, save } from "bailiwick";
 *
 * const model = await load("out/prices");
 * const { version, digest } = await save(model, "out/copy");
 * console.log(`version ${version}, ${digest.slice(0, 12)}`);
 * ```
 */
export async function save(
  model: Regressor | Fitted,
  folder: string,
  settings: SaveSettings = {},
): Promise<Saved> {
  return saveLocked(model, folder, parseSettings("save", saveSchema, settings));
}

/** As `save`, for a caller that may hold the bundle's lock. @throws as `save`. */
export async function saveLocked(
  model: Regressor | Fitted,
  folder: string,
  { force = false, lock }: SaveSettings & { readonly lock?: Lock },
): Promise<Saved> {
  checkRegressor("save", model);
  const held = lock ?? (await lockBundleFolder(folder));
  const kept = "keptRows" in model ? model.keptRows : null;
  try {
    let journal: Journal | null = null;
    const beforeServed = async (next: WrittenBundle): Promise<void> => {
      journal = await prepareFitStore(folder, model.model, next, kept);
    };
    const options = { force, beforeServed, lock: held };
    const written = await writeBundle(folder, contentOf(model), options);
    if (journal !== null) await settleStore(folder, written, journal);
    const { version, digest } = written;
    return { version, digest, storeFolder: kept === null ? null : storeFolder(folder) };
  } finally {
    if (lock === undefined) await held.release();
  }
}

/**
 * Reads the served model of a bundle. Every file is checked by its hash, and nothing is executed,
 * so a bundle may come from a stranger.
 *
 * @param folder - A folder written by `save`, `bailiwick fit` or `bailiwick update`.
 * @throws BailiwickError BUNDLE_NOT_FOUND, BUNDLE_CORRUPT naming the file, BUNDLE_VERSION if a
 *   later format wrote it, READ_FAILED.
 * @example
 * ```ts
 * import { load } from "bailiwick";
 *
 * const { provenance, saved } = await load("out/prices");
 * console.log(`version ${saved?.version}, fitted on ${provenance.nTrain} rows`);
 * ```
 */
export async function load(folder: string): Promise<Regressor> {
  return regressorOf(await readBundle(folder));
}

export interface ExportSettings {
  /** Default by the file's ending: .onnx, .safetensors or .json. */
  readonly format?: ExportFormat | undefined;
}

const exportSchema = z.strictObject({ format: z.enum(EXPORT_FORMATS).optional() });

/**
 * Writes a model as one file that other programs read: an ONNX graph, which runtimes execute;
 * safetensors; or JSON that describes itself. The same model gives the same bytes.
 *
 * @param file - Written completely or not at all.
 * @throws BailiwickError INVALID_OPTION without a known format, or for a model that is too
 *   large for it; FILE_NOT_FOUND if the file's folder does not exist; WRITE_FAILED.
 * @example
 * ```ts
 * import { exportModel, load } from "bailiwick";
 *
 * await exportModel(await load("out/prices"), "out/prices.onnx");
 * ```
 */
export async function exportModel(
  model: Regressor,
  file: string,
  settings: ExportSettings = {},
): Promise<void> {
  const { format = formatOf(file) } = parseSettings("exportModel", exportSchema, settings);
  checkRegressor("exportModel", model);
  // A model that was read and is packed again gives the same manifest.
  const { manifest, digest } = packForExport(contentOf(model), model.saved ?? {});
  await writeExport({ ...model, manifest, digest }, format, file);
}

function formatOf(file: string): ExportFormat {
  const format = EXPORT_FORMATS.find((name) => extname(file).toLowerCase() === `.${name}`);
  if (format !== undefined) return format;
  const endings = EXPORT_FORMATS.map((name) => `.${name}`).join(", ");
  const message = `a format must be given, or the file end in one of ${endings}; got "${file}"`;
  throw new BailiwickError("INVALID_OPTION", `exportModel: ${message}`);
}
