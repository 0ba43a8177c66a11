/** `bailiwick fit`: one table, one target, one bundle. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { checkBundleFolder, lockBundleFolder } from "../bundle/index.ts";
import type { ColumnTypes } from "../data/index.ts";
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
import { renderFit } from "./fit-report.ts";
import { note, printJson, printLine, warn } from "./output.ts";
import { createProgressBar, silentBar } from "./progress-bar.ts";
import type { ReadingFlags } from "./shared-options.ts";
import { untilSecondSignal, untilStopSignal } from "./stop-signals.ts";
import { reportFile, writeFitReport } from "./write-report.ts";

export interface FitFlags extends EngineFlags, PresetSettings, ReadingFlags {
  /** Milliseconds that the preset auto may take. */
  readonly time?: number;
  readonly target?: string;
  readonly group?: string;
  readonly drop?: readonly string[];
  readonly types?: ColumnTypes;
  /** Columns that are features even where they seem to identify rows. */
  readonly keep?: readonly string[];
  /** The folder "bundle" if not given, which then must hold no model. */
  readonly out?: string;
  /** The file of the page; false if none is wanted. */
  readonly report?: string | boolean;
  readonly targetTransform?: FitSettings["targetTransform"];
  readonly keepRows?: boolean;
  readonly force?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

const DEFAULT_OUT = "bundle";

/**
 * Fits while no other process writes the bundle. A stop signal aborts it; with the preset auto the
 * first one saves the best model so far.
 */
export async function fitCommand(dataPath: string, flags: FitFlags): Promise<void> {
  const out = flags.out ?? DEFAULT_OUT;
  const locked = async (ends: Omit<Running, "lock" | "out">): Promise<void> => {
    const lock = await lockBundleFolder(out);
    try {
      await checkOutput(out, flags);
      await fitInto(dataPath, flags, { ...ends, lock, out });
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
  dataPath: string,
  flags: FitFlags,
  { lock, out, signal, stop }: Running,
): Promise<void> {
  const bar = flags.quiet === true ? silentBar : createProgressBar();
  try {
    const { target, group, drop, keep, types, force, json, time, quiet, ...others } = flags;
    const { missing, separator, decimal, encoding, out: _, report: wanted, ...settings } = others;
    const [say, sayWarning] = quiet === true ? [() => {}, () => {}] : [note, warn];
    const columns = { target, group, drop, keep, types, keepTexts: flags.keepRows };
    const reading = { missing, separator, decimal, encoding, mirror: mirrorFolder() };
    const table = await openTable(dataPath, { ...columns, ...reading });
    table.warnings.forEach(sayWarning);
    const ends = { timeMs: time, signal, stop };
    const model = await fit(table, { ...settings, ...ends, onProgress: bar.report });
    bar.stop();
    model.warnings.filter((warning) => !table.warnings.includes(warning)).forEach(sayWarning);
    const { version, digest, storeFolder } = await saveLocked(model, out, { force, lock });
    if (storeFolder !== null) say(`kept ${model.provenance.nTrain} rows in ${storeFolder}`);
    const { expectation, stages, verdict, report, columns: uses } = model;
    const result = { out, version, digest, expectation, stages, verdict, report, columns: uses };
    if (json === true) printJson(result);
    else printLine(renderFit(model));
    say(`wrote ${out}`);
    if (wanted === false) return;
    const page = typeof wanted === "string" ? wanted : reportFile(out);
    await writeFitReport(page, model, table);
    say(`wrote ${page}`);
  } finally {
    bar.stop();
  }
}
