/** `bailiwick bench first-hour`. */
import { join } from "node:path";
import {
  benchFirstHour,
  FIRST_HOUR_PRESETS,
  type FirstHourMeasurements,
  type FirstHourPreset,
  firstHourSets,
  parseFirstHourRow,
} from "../../benches/index.ts";
import { listDatasets } from "../../data/index.ts";
import { writeFileAtomic } from "../../shared/files.ts";
import { figure } from "../../shared/wording.ts";
import type { EngineFlags } from "../engine.ts";
import { mirrorFolder } from "../environment.ts";
import { formatTable, jsonByLines, printJson, printLine } from "../output.ts";
import { createProgressBar } from "../progress-bar.ts";
import { renderFigures } from "./figures-text.ts";
import { openRowLog } from "./row-log.ts";

export interface FirstHourFlags extends EngineFlags {
  readonly sets?: readonly string[];
  readonly splits?: { readonly first: number; readonly last: number };
  readonly presets?: readonly FirstHourPreset[];
  /** Milliseconds of the preset auto. */
  readonly time?: number;
  readonly seed?: number;
  readonly out?: string;
  readonly resume?: boolean;
  readonly json?: boolean;
}

export async function benchFirstHourCommand(flags: FirstHourFlags): Promise<void> {
  const { out, presets = FIRST_HOUR_PRESETS, splits = null } = flags;
  const { time: timeMs, threads, seed = 1, json = false, resume = false } = flags;
  const mirror = mirrorFolder();
  const sets = flags.sets ?? (await firstHourSets(mirror));
  const packaged = (await listDatasets()).map(({ name }) => name);
  const firstModels = packaged.filter((name) => flags.sets?.includes(name) ?? true);
  const log = out === undefined ? undefined : join(out, "fits.jsonl");
  const run = `--seed ${seed}${timeMs === undefined ? "" : ` --time ${timeMs / 1000}s`}`;
  const { finished, keep } = await openRowLog(log, { resume, run, parse: parseFirstHourRow });
  const command =
    `bailiwick bench first-hour --sets ${sets.join(",")} --presets ${presets.join(",")} ` +
    `${splits === null ? "" : `--splits ${splits.first}-${splits.last} `}${run}`;
  const bar = createProgressBar();
  try {
    const options = {
      sets,
      firstModels,
      splits,
      presets,
      timeMs,
      threads,
      seed,
      finished,
      command,
    };
    const document = await benchFirstHour({ ...options, mirror }, bar.report, keep);
    bar.stop();
    if (out !== undefined) {
      await writeFileAtomic(join(out, "result.json"), `${jsonByLines(document)}\n`);
    }
    if (json) printJson(document);
    else printLine(`${fitsTable(document.measurements)}\n\n${renderFigures(document.figures)}`);
  } finally {
    bar.stop();
  }
}

function fitsTable({ rows }: FirstHourMeasurements): string {
  const cells = rows.map(({ set, split, preset, expectedMse, testMse }) => [
    `${set} ${split}`,
    preset,
    figure(Math.sqrt(expectedMse)),
    figure(Math.sqrt(testMse)),
    figure(Math.sqrt(expectedMse / testMse)),
  ]);
  return formatTable(["set and split", "preset", "expected rmse", "test rmse", "ratio"], cells);
}
