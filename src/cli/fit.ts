/** `bailiwick fit`: one table, one target, one bundle. */
import { lockBundleFolder } from "../bundle/index.ts";
import type { ColumnTypes } from "../data/index.ts";
import { fit, openTable, type PresetSettings, saveLocked } from "../library/index.ts";
import type { Lock } from "../shared/lock.ts";
import type { EngineFlags } from "./engine.ts";
import { mirrorFolder } from "./environment.ts";
import { renderFit } from "./fit-report.ts";
import { note, printJson, printLine, warn } from "./output.ts";
import { createProgressBar } from "./progress-bar.ts";
import type { ReadingFlags } from "./shared-options.ts";
import { untilStopSignal } from "./stop-signals.ts";
import { reportFile, writeFitReport } from "./write-report.ts";

export interface FitFlags extends EngineFlags, PresetSettings, ReadingFlags {
  readonly target?: string;
  readonly group?: string;
  readonly drop?: readonly string[];
  readonly types?: ColumnTypes;
  /** Columns that are features even where they seem to identify rows. */
  readonly keep?: readonly string[];
  readonly out: string;
  /** The file of the page; false if none is wanted. */
  readonly report?: string | boolean;
  readonly keepRows?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Fits while no other process writes the bundle. */
export async function fitCommand(dataPath: string, flags: FitFlags): Promise<void> {
  await untilStopSignal(async (signal) => {
    const lock = await lockBundleFolder(flags.out);
    try {
      await fitInto(dataPath, flags, { lock, signal });
    } finally {
      await lock.release();
    }
  });
}

interface Running {
  readonly lock: Lock;
  readonly signal: AbortSignal;
}

async function fitInto(
  dataPath: string,
  flags: FitFlags,
  { lock, signal }: Running,
): Promise<void> {
  const bar = createProgressBar();
  try {
    const { target, group, drop, keep, types, out, force, json, report: wanted, ...others } = flags;
    const { missing, separator, decimal, encoding, ...settings } = others;
    const columns = { target, group, drop, keep, types, keepTexts: flags.keepRows };
    const reading = { missing, separator, decimal, encoding, mirror: mirrorFolder() };
    const table = await openTable(dataPath, { ...columns, ...reading });
    for (const warning of table.warnings) warn(warning);
    const model = await fit(table, { ...settings, signal, onProgress: bar.report });
    bar.stop();
    for (const warning of model.warnings) if (!table.warnings.includes(warning)) warn(warning);
    const { version, digest, storeFolder } = await saveLocked(model, out, { force, lock });
    if (storeFolder !== null) note(`kept ${model.provenance.nTrain} rows in ${storeFolder}`);
    const { expectation, verdict, report } = model;
    if (json === true) printJson({ out, version, digest, expectation, verdict, report });
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
