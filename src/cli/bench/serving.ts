/** `bailiwick bench serving`. */
import { fileURLToPath } from "node:url";
import {
  benchServing,
  FULL_SERVING_PLAN,
  type Race,
  type ServingMeasurements,
} from "../../benches/index.ts";
import { prepareOutputFolder } from "../../shared/folders.ts";
import { formatTable, printJson, printLine } from "../output.ts";
import { createProgressBar } from "../progress-bar.ts";
import { type BenchFlags, renderFigures } from "./figures-text.ts";
import { writeResult } from "./result-file.ts";

export interface ServingFlags extends BenchFlags {
  /** Length of one load. */
  readonly seconds: number;
}

/** The files that the bench writes to its folder. */
const OUTPUTS = ["result.json"];
/** The command as built: the server runs in a separate process. */
const MAIN = fileURLToPath(new URL("../main.js", import.meta.url));

/** Measures and prints. A figure that misses its bound is a result, not an error. */
export async function benchServingCommand(flags: ServingFlags): Promise<void> {
  const { out, force = false, json = false, seconds } = flags;
  if (out !== undefined) await prepareOutputFolder(out, { force, ours: OUTPUTS });
  const command = `bailiwick bench serving --seconds ${seconds}`;
  const bar = createProgressBar();
  try {
    const document = await benchServing({
      command,
      serve: [process.execPath, MAIN],
      progress: bar.report,
      plan: { ...FULL_SERVING_PLAN, seconds },
    });
    bar.stop();
    await writeResult(document, out);
    if (json) printJson(document);
    else printLine(renderServing(document.measurements, renderFigures(document.figures)));
  } finally {
    bar.stop();
  }
}

function renderServing({ races }: ServingMeasurements, figures: string): string {
  return "absent" in races ? figures : [racesTable(races), figures].join("\n\n");
}

function racesTable(races: readonly Race[]): string {
  const rows = races.flatMap(({ name, ours, echo }) =>
    [...ours.keys()].map((round) => [
      round === 0 ? name : "",
      ...[ours[round]!, echo[round]!].flatMap(({ perSecond, p50Ms, p99Ms }) => [
        String(Math.round(perSecond)),
        `${p50Ms} / ${p99Ms}`,
      ]),
    ]),
  );
  const header = ["race", "ours a second", "ms at 50 / 99 %", "echo a second", "ms at 50 / 99 %"];
  return formatTable(header, rows);
}
