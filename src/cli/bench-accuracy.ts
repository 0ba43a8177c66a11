/** `bailiwick bench accuracy`: the mixture against its baselines over many data sets. */
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type AccuracyMeasurements,
  type AccuracyOptions,
  type BenchDocument,
  benchAccuracy,
  type SetRow,
} from "../benches/index.ts";
import { listDatasets } from "../data/index.ts";
import type { ExperimentResult } from "../experiments/index.ts";
import { createInlineExecutor } from "../mixture/index.ts";
import { appendLine, readTextFile, writeFileAtomic } from "../shared/files.ts";
import { renderFigures } from "./bench.ts";
import { createEngine, type EngineFlags } from "./engine.ts";
import { mirrorFolder } from "./environment.ts";
import { formatTable, note, printJson, printLine } from "./output.ts";
import { createProgressBar } from "./progress-bar.ts";

export interface AccuracyFlags extends EngineFlags {
  /** All of the package's own if left out. */
  readonly sets?: readonly string[];
  readonly splits: number;
  readonly steps: readonly number[];
  readonly seed?: number;
  readonly out?: string;
  readonly resume?: boolean;
  readonly json?: boolean;
}

const MAX_LOG_BYTES = 100_000_000;

export async function benchAccuracyCommand(flags: AccuracyFlags): Promise<void> {
  const mirror = mirrorFolder();
  const sets = flags.sets ?? (await listDatasets()).map(({ name }) => name);
  const tuning = { steps: flags.steps, extendTo: Math.max(...flags.steps) };
  const command =
    `bailiwick bench accuracy --sets ${sets.join(",")} --splits ${flags.splits} ` +
    `--steps ${flags.steps.join(",")}`;
  const log = flags.out === undefined ? null : join(flags.out, "sets.jsonl");
  if (flags.out !== undefined) await mkdir(flags.out, { recursive: true });
  if (log !== null && flags.resume !== true) await rm(log, { force: true });
  const options: AccuracyOptions = {
    sets,
    nSplits: flags.splits,
    tuning,
    seed: flags.seed ?? 1,
    mirror,
    command,
    finished: log === null || flags.resume !== true ? [] : await readFinished(log),
    onFinished: async (result) => {
      if (log !== null) await appendLine(log, JSON.stringify(result));
    },
  };
  const executor = createInlineExecutor(await createEngine(flags));
  const bar = createProgressBar();
  try {
    const document = await benchAccuracy(options, executor, bar.report);
    bar.stop();
    if (flags.out !== undefined) {
      const text = `${JSON.stringify(document, null, 2)}\n`;
      await writeFileAtomic(join(flags.out, "result.json"), text);
      note(`wrote ${flags.out}/result.json`);
    }
    if (flags.json === true) printJson(document);
    else printLine(renderAccuracy(document));
  } finally {
    bar.stop();
    await executor.close();
  }
}

/** Sets that an interrupted run finished; a line cut by the interruption is left out. */
async function readFinished(log: string): Promise<readonly ExperimentResult[]> {
  if (!existsSync(log)) return [];
  const lines = (await readTextFile(log, { maxBytes: MAX_LOG_BYTES })).split("\n");
  return lines.slice(0, -1).map((line) => JSON.parse(line) as ExperimentResult);
}

function renderAccuracy(document: BenchDocument<AccuracyMeasurements>): string {
  const header = ["set", "rows", "experts", "single", "wide", "ens. 4", "equal cost", "k-means"];
  const rows = document.measurements.sets.map(({ result, comparisons }) => [
    result.name,
    String(result.dataset.nRows),
    result.splits.map(({ nExperts }) => nExperts).join(" "),
    ...["single", "wide", "ensemble4", "equalCost", "kmeans"].map((rival) =>
      cellOf(comparisons, rival),
    ),
  ]);
  return [
    "the mixture's mse ÷ each rival's, with p adjusted over the sets (Holm); below 1 is better",
    "",
    formatTable(header, rows),
    "",
    renderFigures(document.figures),
  ].join("\n");
}

/** "0.93 (.21)": the ratio and the adjusted p. */
function cellOf(comparisons: SetRow["comparisons"], rival: string): string {
  const { ratio, pHolm } = comparisons.find((comparison) => comparison.rival === rival)!;
  return `${ratio.toFixed(2)} (${pHolm.toFixed(2).replace(/^0/, "")})`;
}
