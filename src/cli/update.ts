/** `bailiwick update`: trains the experts whose rows have changed, and no others. */
import { lockBundleFolder, readBundle } from "../bundle/index.ts";
import { type ColumnOptions, schemaOptions, type TextOptions } from "../data/index.ts";
import { planUpdate, update } from "../library/index.ts";
import type { Model } from "../mixture/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { prepareOutputFolder } from "../shared/folders.ts";
import { figure } from "../shared/wording.ts";
import {
  copyBundle,
  type DecisionReport,
  follow,
  type HashChange,
  type UpdateBundleOptions,
  type UpdateReport,
} from "../update/index.ts";
import { createExecutor, type EngineFlags } from "./engine.ts";
import { mirrorFolder } from "./environment.ts";
import type { FabricFlags } from "./fabric-options.ts";
import { formatTable, note, printJson, printLine, warn } from "./output.ts";
import { readBatches } from "./row-batches.ts";
import { type ReadingFlags, readingOf } from "./shared-options.ts";

export interface UpdateFlags extends EngineFlags, FabricFlags, ReadingFlags {
  /** Zones that rows may go to. */
  readonly zones?: readonly string[];
  readonly out?: string;
  readonly force?: boolean;
  readonly plan?: boolean;
  readonly follow?: boolean;
  readonly batch: number;
  readonly untilIdle: number;
  readonly seed?: number;
  readonly json?: boolean;
}

export async function updateCommand(
  bundlePath: string,
  dataPath: string,
  flags: UpdateFlags,
): Promise<void> {
  if (flags.plan === true && flags.follow === true) {
    throw new BailiwickError("INVALID_OPTION", "--plan and --follow must not be given together");
  }
  const executor = await createExecutor(flags);
  const options = { executor, seed: flags.seed ?? 1 };
  try {
    if (flags.plan === true) return await planOnly(bundlePath, dataPath, flags, options);
    const folder = await workingCopy(bundlePath, flags);
    if (flags.follow === true) await followRows(folder, dataPath, flags, options);
    else await updateOnce(folder, dataPath, flags, options);
  } finally {
    await executor.close();
  }
}

async function planOnly(
  bundlePath: string,
  dataPath: string,
  flags: UpdateFlags,
  options: UpdateBundleOptions,
): Promise<void> {
  const settings = { ...options, ...readingOf(flags), mirror: mirrorFolder() };
  const plan = await planUpdate(bundlePath, dataPath, settings);
  plan.notes.forEach(warn);
  if (flags.json === true) printJson(plan);
  else printLine(decisionTable(plan.decisions));
  refuse(plan.warnings, "nothing would be learnt");
}

async function updateOnce(
  folder: string,
  dataPath: string,
  flags: UpdateFlags,
  options: UpdateBundleOptions,
): Promise<void> {
  const settings = { ...options, ...readingOf(flags), mirror: mirrorFolder() };
  const report = await update(folder, dataPath, settings);
  report.notes.forEach(warn);
  if (report.nDropped > 0) warn(`${report.nDropped} rows without a target were left out`);
  if (flags.json === true) printJson(report);
  else printLine(renderUpdate(report));
  refuse(report.warnings, "nothing was learnt");
}

/** A batch that the guard refuses ends the command with an error, after its report. */
function refuse(warnings: readonly string[], what: string): void {
  if (warnings.length === 0) return;
  const message = `${what} from these rows: ${warnings.join("; ")}; ${REMEDY}`;
  throw new BailiwickError("BATCH_REFUSED", message, { warnings });
}

const REMEDY = "correct the rows and update again or, if they are right, fit again with them";

async function followRows(
  folder: string,
  dataPath: string,
  flags: UpdateFlags,
  options: UpdateBundleOptions,
): Promise<void> {
  const { model } = await readBundle(folder);
  const batches = readBatches(dataPath, { ...flags, reading: columnsOf(model, flags) });
  const refused: string[] = [];
  const onBatch = (batch: UpdateReport): void => {
    logBatch(batch);
    refused.push(...batch.warnings);
  };
  const report = await follow(folder, batches, { ...options, onBatch });
  if (flags.json === true) printJson(report);
  else printLine(renderFollow(report));
  refuse([...new Set(refused)], "in some batches nothing was learnt");
}

/** Keeps the texts of cells as keys, because the rows may go to a store. */
function columnsOf({ preprocessing }: Model, flags: UpdateFlags): ColumnOptions & TextOptions {
  const { missing, ...texts } = readingOf(flags);
  const marks = missing === undefined ? {} : { missing };
  return { ...schemaOptions(preprocessing), ...marks, ...texts, keepTexts: "all" };
}

/** The bundle itself, or, with --out, a copy of it and of its store. */
async function workingCopy(bundlePath: string, { out, force }: UpdateFlags): Promise<string> {
  if (out === undefined) return bundlePath;
  await readBundle(bundlePath);
  const ours = ["CURRENT", "versions", "blobs", "README.md"];
  await prepareOutputFolder(out, { force: force === true, ours });
  const lock = await lockBundleFolder(out);
  try {
    await copyBundle(bundlePath, out);
  } finally {
    await lock.release();
  }
  return out;
}

/** One line for each batch with a decision. */
function logBatch({ version, decisions, warnings, nRows }: UpdateReport): void {
  for (const warning of warnings) warn(warning);
  const done = decisions.filter(({ action }) => action !== "keep");
  const news = done.map(({ expert, action, why }) => `${expert} ${action}: ${why}`);
  if (news.length > 0) note(`${nRows} rows, version ${version}: ${news.join("; ")}`);
}

function renderFollow(report: Awaited<ReturnType<typeof follow>>): string {
  const { nKnown, nRows, nBatches, nUpdates, version, prequentialError } = report;
  const error =
    prequentialError === null ? "" : `; rmse before learning ${figure(prequentialError)}`;
  const known = nKnown === 0 ? "" : `; ${nKnown} rows at the beginning were known`;
  const made = `${nUpdates} updates, version ${version}`;
  return `${nRows} rows in ${nBatches} batches, ${made}${error}${known}`;
}

function renderUpdate(report: UpdateReport): string {
  const { versionBefore, version, nRows, rowsRead, change, affected, unaffected } = report;
  const made =
    version === versionBefore
      ? `version ${version} stays`
      : `version ${version} was made from ${versionBefore}`;
  const { errorBefore, errorAfter, nUnaffected, maxChange } = change;
  const errors =
    errorBefore === null || errorAfter === null
      ? ""
      : `; rmse on them ${figure(errorBefore)} before, ${figure(errorAfter)} after`;
  return [
    `${made}: ${nRows} new rows, ${rowsRead} rows read${errors}`,
    `${nUnaffected} of ${nRows} new rows are not affected: their answers moved by ${maxChange}`,
    "",
    decisionTable(report.decisions),
    "",
    hashTable([...affected, ...unaffected]),
  ].join("\n");
}

function decisionTable(decisions: readonly DecisionReport[]): string {
  const rows = decisions.map(({ expert, action, nRows, errorNow, errorExpected, cost }) => [
    expert,
    action,
    String(nRows),
    errorNow === null ? "" : figure(errorNow),
    errorExpected === null ? "" : figure(errorExpected),
    cost === 0 ? "" : `${figure(cost / 1e6)} M`,
  ]);
  const header = ["expert", "decision", "new rows", "rmse now", "expected", "multiply-adds"];
  const why = decisions.map(({ expert, why: reason }) => `${expert}: ${reason}`);
  return [formatTable(header, rows), "", ...why].join("\n");
}

/** Blobs before and after. */
export function hashTable(changes: readonly HashChange[]): string {
  const short = (hash: string | null): string => hash?.slice(0, 12) ?? "–";
  const rows = changes.map(({ id, before, after }) => [
    id,
    short(before),
    short(after),
    before === after ? "same" : "other",
  ]);
  return formatTable(["expert", "blob before", "after", ""], rows);
}
