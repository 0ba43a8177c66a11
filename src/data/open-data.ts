/** Data as commands name it, `<data>`: a file's path, `-` for stdin, or the name of a data set. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { BailiwickError } from "../shared/errors.ts";
import { type CatalogueOptions, type Dataset, findDataset } from "./catalogue.ts";
import { valuesSha256 } from "./fingerprint.ts";
import type { ColumnOptions, ColumnTypes } from "./reading/columns.ts";
import { nameOfPath, STDIN } from "./reading/format.ts";
import { readTable, readText, type TextOptions } from "./reading/read-table.ts";
import { parseSplits, type Split } from "./splits.ts";
import type { Table } from "./table.ts";
import { noTarget, type SelectedTarget, selectTarget } from "./target.ts";

export interface OpenOptions extends CatalogueOptions, ColumnOptions, TextOptions {
  /** Folder that a relative path starts from; the working folder if not given. */
  readonly baseFolder?: string | undefined;
  /** The group column, to keep its texts as keys; the data set's if not given. */
  readonly group?: string | undefined;
}

export interface OpenedData {
  readonly name: string;
  readonly sha256: string;
  readonly table: Table;
  /** null for a plain file. */
  readonly dataset: Dataset | null;
  /** Columns that the reader was told to drop: they exist in the file, the table may lack them. */
  readonly dropped?: readonly string[];
}

/** @throws DATASET_UNKNOWN, CHECKSUM_MISMATCH, and as `readTable` does. */
export async function openData(data: string, options: OpenOptions = {}): Promise<OpenedData> {
  const path = data === STDIN ? data : resolve(options.baseFolder ?? ".", data);
  if (data === STDIN || isPath(data) || statSync(path, { throwIfNoEntry: false })?.isFile()) {
    const file = await readTable(path, withGroup(options, options.group));
    return { name: nameOfPath(path), ...file, dataset: null, dropped: options.drop ?? [] };
  }
  const dataset = await findDataset(data, options);
  const types = { ...datasetTypes(dataset), ...options.types };
  const group = options.group ?? dataset.group ?? undefined;
  // All columns: the data set's hash is that of all its values.
  const whole = { ...options, types, drop: undefined, only: undefined };
  const file = await readTable(dataset.dataPath, withGroup(whole, group));
  if (!holdsData(dataset, file))
    throw otherFile(`the data of ${dataset.name}`, dataset.sha256, file.sha256);
  return { name: dataset.name, ...file, dataset };
}

function withGroup<Options extends ColumnOptions>(
  options: Options,
  group: string | undefined,
): Options {
  const { keepTexts = [] } = options;
  if (group === undefined || keepTexts === "all") return options;
  return { ...options, keepTexts: [...keepTexts, group] };
}

/** A name with a folder or an ending is a file's. */
function isPath(data: string): boolean {
  return /[/\\]|\.\w+$/.test(data);
}

/** Whether a file is the data set's: the same bytes, or the same values in another packing. */
export function holdsData(
  { sha256, valuesSha256: values }: Dataset,
  file: { readonly sha256: string; readonly table: Table },
): boolean {
  if (sha256 === null || sha256 === file.sha256) return true;
  return values !== null && values === valuesSha256(file.table);
}

function otherFile(what: string, wanted: string | null, found: string): BailiwickError {
  const details = { wanted: wanted ?? "", found };
  const message = `${what} must have sha256 ${wanted}, found ${found}`;
  return new BailiwickError("CHECKSUM_MISMATCH", message, details);
}

/** The column types that a data set's descriptor gives. */
export function datasetTypes({ categorical }: Dataset): ColumnTypes {
  return Object.fromEntries(categorical.map((name) => [name, "category" as const]));
}

/** Roles of columns; the data set's descriptor gives those that the caller leaves out. */
export interface ColumnRoles {
  readonly target?: string | undefined;
  readonly drop?: readonly string[] | undefined;
  readonly group?: string | undefined;
}

/**
 * Separates target and features. @throws TARGET_MISSING if neither caller nor data set names one.
 */
export function selectFrom(
  { name, table, dataset, dropped = [] }: OpenedData,
  roles: ColumnRoles,
): SelectedTarget {
  const target = roles.target ?? dataset?.target;
  if (target === undefined) throw noTarget(name, table);
  const group = roles.group ?? dataset?.group ?? undefined;
  const asked = [...(roles.drop ?? []), ...(dataset?.drop ?? []).map(({ column }) => column)];
  const present = new Set(table.columns.map((column) => column.name));
  const drop = asked.filter((column) => present.has(column) || !dropped.includes(column));
  return selectTarget(table, target, { drop, ...(group === undefined ? {} : { group }) });
}

/**
 * The published splits of a data set, which number all its rows.
 *
 * @throws INVALID_OPTION if it has none; CHECKSUM_MISMATCH if they are not those of this data.
 */
export async function publishedSplits({
  name,
  table,
  dataset,
}: OpenedData): Promise<readonly Split[]> {
  const splits = dataset?.splits ?? null;
  if (splits === null) {
    throw new BailiwickError("INVALID_OPTION", `${name} has no published splits`, { name });
  }
  const file = await readText(splits.path);
  if (splits.sha256 !== null && splits.sha256 !== file.sha256) {
    throw otherFile(`the splits of ${name}`, splits.sha256, file.sha256);
  }
  return parseSplits(file.text, table.nRows);
}
