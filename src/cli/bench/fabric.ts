/** `bailiwick bench fabric`: plans and policies of placement. */
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BenchDocument, benchFabric, type FabricMeasurements } from "../../benches/index.ts";
import { parseScenario, type Scenario } from "../../cluster/simulation/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { readTextFile, writeFileAtomic } from "../../shared/files.ts";
import { figure } from "../../shared/wording.ts";
import { formatTable, note, printJson, printLine } from "../output.ts";
import { createProgressBar } from "../progress-bar.ts";
import { type BenchFlags, renderFigures } from "./figures-text.ts";

export interface BenchFabricFlags extends BenchFlags {
  readonly scenarios: string;
  readonly seeds: number;
}

/** The command as built: nodes run in separate processes. */
const MAIN = fileURLToPath(new URL("../main.js", import.meta.url));
const MAX_FILE_BYTES = 10_000_000;

export async function benchFabricCommand(flags: BenchFabricFlags): Promise<void> {
  const { out, seeds, json = false } = flags;
  const scenarios = await readScenarios(flags.scenarios);
  if (out !== undefined) await mkdir(out, { recursive: true });
  const bar = createProgressBar();
  const command = `bailiwick bench fabric --scenarios ${flags.scenarios} --seeds ${seeds}`;
  const list = Array.from({ length: seeds }, (_, place) => 1 + place);
  try {
    const document = await benchFabric(
      { seeds: list, scenarios, command, serve: [process.execPath, MAIN] },
      bar.report,
    );
    bar.stop();
    if (out !== undefined) {
      await writeFileAtomic(join(out, "result.json"), `${JSON.stringify(document, null, 2)}\n`);
      note(`wrote ${out}/result.json`);
    }
    if (json) printJson(document);
    else printLine(render(document));
  } finally {
    bar.stop();
  }
}

/** Every JSON file of a folder, in the order of the names. */
async function readScenarios(folder: string): Promise<readonly Scenario[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    const message = `--scenarios must be a folder of scenarios, "${folder}" cannot be read`;
    throw new BailiwickError("FILE_NOT_FOUND", message, { folder }, cause);
  });
  const files = names.filter((name) => name.endsWith(".json")).sort();
  const limits = {
    maxBytes: MAX_FILE_BYTES,
    missing: "FILE_NOT_FOUND",
    tooLarge: "DATA_TOO_LARGE",
  } as const;
  return Promise.all(
    files.map(async (name) => parseScenario(await readTextFile(join(folder, name), limits))),
  );
}

function render({ measurements, figures }: BenchDocument<FabricMeasurements>): string {
  const { changing, stationary } = measurements;
  const rows = [...changing, ...stationary].map((row) => [
    row.scenario,
    ...[row.bestStatic, row.medianStatic, row.threshold.p95, row.predictive.p95].map(figure),
    figure(row.predictive.movesPerHour),
    `${(100 * row.predictive.failedShare).toFixed(3)} %`,
  ]);
  const columns = ["p95 ms", "best static", "median static", "threshold", "predictive"];
  return [
    formatTable([...columns, "moves an hour", "failed"], rows),
    "",
    renderFigures(figures),
  ].join("\n");
}
