/** `bailiwick fit`: one table, one target, one bundle. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { checkBundleFolder, lockBundleFolder } from "../bundle/index.ts";
import type { ColumnTypes } from "../data/index.ts";
import { parseFitConfig } from "../experiments/index.ts";
import {
  type FitSettings,
  fit,
  openTable,
  type PresetSettings,
  saveLocked,
} from "../library/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import type { Lock } from "../shared/lock.ts";
import type { EngineFlags } from "./engine.ts";
import { mirrorFolder } from "./environment.ts";
import type { FabricFlags } from "./fabric-options.ts";
import { renderFit } from "./fit-report.ts";
import { fitSitesCommand } from "./fit-sites.ts";
import { detail, note, printJson, printLine, type Verbosity, warn } from "./output.ts";
import { createProgressBar } from "./progress-bar.ts";
import { readConfig } from "./read-config.ts";
import type { ReadingFlags } from "./shared-options.ts";
import { untilSecondSignal, untilStopSignal } from "./stop-signals.ts";
import { describeTable, triedInWords } from "./verbose.ts";
import { reportFile, writeFitReport } from "./write-report.ts";

export interface FitFlags extends EngineFlags, PresetSettings, ReadingFlags {
  /** Sites whose rows stay there; in place of data. */
  readonly sites?: readonly string[];
  readonly epsilon?: number;
  readonly delta?: number;
  readonly bounds?: string;
  /** A file of settings, for which a flag stands in place where both are given. */
  readonly config?: string;
  /** Milliseconds that the preset auto may take. */
  readonly time?: number | undefined;
  readonly target?: string | undefined;
  readonly group?: string | undefined;
  readonly drop?: readonly string[] | undefined;
  readonly types?: ColumnTypes | undefined;
  /** Columns that are features even where they seem to identify rows. */
  readonly keep?: readonly string[] | undefined;
  /** The folder "bundle" if not given, which then must hold no model. */
  readonly out?: string;
  /** The file of the page; false if none is wanted. */
  readonly report?: string | boolean;
  readonly targetTransform?: FitSettings["targetTransform"];
  readonly keepRows?: boolean | undefined;
  readonly force?: boolean;
  readonly json?: boolean;
}

const DEFAULT_OUT = "bundle";

/** The data, and the folder that its relative path starts from. */
interface Source {
  readonly data: string;
  readonly baseFolder?: string;
}

/** The flags, and the settings of the configuration that no flag gives. */
async function withConfig(
  data: string | undefined,
  { config: path, quiet: _quiet, verbose: _verbose, ...given }: FitFlags & Verbosity,
): Promise<{ readonly flags: FitFlags; readonly source: Source }> {
  const { data: inFile, ...config } =
    path === undefined ? {} : parseFitConfig(await readConfig(path));
  const flags = { ...config, ...given };
  if (data !== undefined) return { flags, source: { data } };
  if (path !== undefined && inFile !== undefined) {
    return { flags, source: { data: inFile, baseFolder: dirname(resolve(path)) } };
  }
  const message = `the data must be given: bailiwick fit data.csv --target NAME`;
  throw new BailiwickError("INVALID_OPTION", message);
}

/**
 * Fits while no other process writes the bundle. A stop signal aborts it; with the preset auto the
 * first one saves the best model so far.
 */
export async function fitCommand(
  data: string | undefined,
  given: FitFlags & FabricFlags & Verbosity,
): Promise<void> {
  const { sites, ...others } = given;
  if (sites !== undefined) {
    const { out = DEFAULT_OUT } = given;
    return fitSitesCommand(data, { ...others, sites, out }, () => checkOutput(out, given));
  }
  const lost = (["epsilon", "delta", "bounds"] as const).find((name) => given[name] !== undefined);
  if (lost !== undefined) {
    const message = `--${lost} needs --sites: a private fit is one of rows at sites`;
    throw new BailiwickError("INVALID_OPTION", message);
  }
  const { fabric: _, credentials: _c, tlsCa: _a, tlsCert: _t, tlsKey: _k, ...local } = others;
  const { flags, source } = await withConfig(data, local);
  const out = flags.out ?? DEFAULT_OUT;
  const locked = async (ends: Omit<Running, "lock" | "out">): Promise<void> => {
    const lock = await lockBundleFolder(out);
    try {
      await checkOutput(out, flags);
      await fitInto(source, flags, { ...ends, lock, out });
    } finally {
      await lock.release();
    }
  };
  const isAuto = (flags.preset ?? "auto") === "auto";
  if (isAuto) await untilSecondSignal((stop, signal) => locked({ stop, signal }));
  else await untilStopSignal((signal) => locked({ signal }));
}

/**
 * Refuses, before anything is trained, a folder that the model could not be written to.
 *
 * @throws OUTPUT_OCCUPIED for a folder with something else, or with a model where none was named.
 */
async function checkOutput(out: string, { force, out: named }: FitFlags): Promise<void> {
  if (force !== true && named === undefined && existsSync(join(out, "CURRENT"))) {
    const message = `${out} must hold no model, found one; name a folder by --out, or give --force`;
    throw new BailiwickError("OUTPUT_OCCUPIED", message, { path: out });
  }
  await checkBundleFolder(out, { force });
}

interface Running {
  readonly lock: Lock;
  readonly out: string;
  readonly signal: AbortSignal;
  readonly stop?: AbortSignal;
}

async function fitInto(
  { data, baseFolder }: Source,
  flags: FitFlags,
  { lock, out, signal, stop }: Running,
): Promise<void> {
  const bar = createProgressBar();
  try {
    const { target, group, drop, keep, types, force, json, time, ...others } = flags;
    const { missing, separator, decimal, encoding, out: _, report: wanted, ...settings } = others;
    const columns = { target, group, drop, keep, types, keepTexts: flags.keepRows };
    const reading = { missing, separator, decimal, encoding, mirror: mirrorFolder() };
    const table = await openTable(data, { ...columns, ...reading, baseFolder });
    detail(describeTable(table));
    table.warnings.forEach(warn);
    const ends = { timeMs: time, signal, stop };
    const model = await fit(table, { ...settings, ...ends, onProgress: bar.report });
    bar.stop();
    triedInWords(model.report).forEach(detail);
    model.warnings.filter((warning) => !table.warnings.includes(warning)).forEach(warn);
    const { version, digest, storeFolder } = await saveLocked(model, out, { force, lock });
    if (storeFolder !== null) note(`kept ${model.provenance.nTrain} rows in ${storeFolder}`);
    const { expectation, stages, verdict, report, columns: uses } = model;
    const result = { out, version, digest, expectation, stages, verdict, report, columns: uses };
    if (json === true) printJson(result);
    else printLine(renderFit(model));
    note(`wrote ${out}`);
    if (wanted === false) return;
    const page = typeof wanted === "string" ? wanted : reportFile(out);
    await writeFitReport(page, model, table);
    note(`wrote ${page}`);
  } finally {
    bar.stop();
  }
}
