/** `bailiwick fit`: one table, one target, one bundle. */
import { lockBundleFolder, writeBundle } from "../bundle/index.ts";
import { type ColumnTypes, describeOddities, openData, selectFrom } from "../data/index.ts";
import { explainFit } from "../explain/index.ts";
import { createInlineExecutor, expertReports, predict } from "../mixture/index.ts";
import type { Lock } from "../shared/lock.ts";
import { count } from "../shared/wording.ts";
import { keepRows, truncateGates } from "../update/index.ts";
import { createEngine, type EngineFlags } from "./engine.ts";
import { mirrorFolder } from "./environment.ts";
import { type JudgedFit, type PresetFlags, presetFit } from "./fit-preset.ts";
import { renderFit } from "./fit-report.ts";
import { note, printJson, printLine, warn } from "./output.ts";
import { createProgressBar } from "./progress-bar.ts";

export interface FitFlags extends EngineFlags, PresetFlags {
  readonly target?: string;
  readonly group?: string;
  readonly drop?: readonly string[];
  readonly types?: ColumnTypes;
  /** Texts that mark a missing value. */
  readonly missing?: readonly string[];
  readonly out: string;
  readonly keepRows?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

export async function fitCommand(dataPath: string, flags: FitFlags): Promise<void> {
  const lock = await lockBundleFolder(flags.out);
  try {
    await fitInto(lock, dataPath, flags);
  } finally {
    await lock.release();
  }
}

/** Fits while nobody else writes the bundle. */
async function fitInto(lock: Lock, dataPath: string, flags: FitFlags): Promise<void> {
  const fit = presetFit(flags);
  const { types, drop, group, missing } = flags;
  const keepTexts = flags.keepRows === true ? "all" : undefined;
  const reading = { mirror: mirrorFolder(), types, drop, group, missing, keepTexts } as const;
  const data = await openData(dataPath, reading);
  const selected = selectFrom(data, flags);
  if (selected.nDropped > 0) warn(`${selected.nDropped} rows without a target were left out`);
  for (const oddity of describeOddities(selected.features)) warn(oddity);
  const executor = createInlineExecutor(await createEngine(flags));
  const bar = createProgressBar();
  try {
    const judged = await fit.run(selected, executor, bar.report);
    const fitted =
      flags.keepRows === true ? { ...judged, model: truncateGates(judged.model) } : judged;
    bar.stop();
    warnOfCopies(judged.report);
    const provenance = {
      dataName: data.name,
      dataSha256: data.sha256,
      seed: fit.seed,
      engine: executor.engine.name,
      nTrain: selected.y.length,
      preset: flags.preset,
      metrics: null,
      verdict: fitted.verdict,
    };
    const content = {
      model: fitted.model,
      facts: { provenance, experts: expertReports(fitted.report) },
      explanation: explainFit(executor.engine, fitted, selected),
    };
    const written = await writeBundle(flags.out, content, { force: flags.force === true, lock });
    if (flags.keepRows === true) {
      const { features } = selected;
      const { routes } = predict(executor.engine, fitted.model, features);
      const rows = { table: data.table, rows: selected.rows, sha256: data.sha256 };
      const store = await keepRows(flags.out, { ...rows, target: selected.targetName }, routes[0]!);
      note(`kept ${selected.y.length} rows in ${store.folder}`);
    }
    if (flags.json === true) {
      const { verdict, report } = fitted;
      const { version, digest } = written;
      printJson({ out: flags.out, version, digest, verdict, report });
    } else {
      printLine(renderFit(fitted));
    }
    note(`wrote ${flags.out}`);
  } finally {
    bar.stop();
    await executor.close();
  }
}

function warnOfCopies(report: JudgedFit["report"]): void {
  if (!("nCopies" in report) || report.nCopies === 0) return;
  const { nCopies } = report;
  const held = "held out beside their copies they flatter every model; --group keeps them together";
  warn(`${count(nCopies, "row")} ${nCopies === 1 ? "is" : "are"} equal to others; ${held}`);
}
