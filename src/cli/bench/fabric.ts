/** `bailiwick bench fabric`: plans, policies and forecasts of placement, and a cluster. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BenchDocument, benchFabric, type FabricMeasurements } from "../../benches/index.ts";
import type { Demand } from "../../cluster/simulation/index.ts";
import { FABRIC_PARTS, type FabricPart } from "../../shared/choices.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { makeFolder } from "../../shared/folders.ts";
import { figure } from "../../shared/wording.ts";
import { formatTable, note, printJson, printLine } from "../output.ts";
import { readTuned } from "../policies.ts";
import { createProgressBar } from "../progress-bar.ts";
import { namesIn, readDemand, readScenarios } from "../read-scenario.ts";
import { type BenchFlags, renderFigures } from "./figures-text.ts";
import { writeResult } from "./result-file.ts";

export interface BenchFabricFlags extends BenchFlags {
  readonly parts?: readonly FabricPart[];
  readonly scenarios: string;
  readonly demands?: string;
  /** The file of a tuned policy. */
  readonly policy?: string;
  readonly heldOut: string;
  readonly tlogTools?: string;
  readonly seeds: number;
}

/** The command as built: nodes run in separate processes. */
const MAIN = fileURLToPath(new URL("../main.js", import.meta.url));

export async function benchFabricCommand(flags: BenchFabricFlags): Promise<void> {
  const { out, seeds, json = false, parts = FABRIC_PARTS, tlogTools = null } = flags;
  const scenarios = await readScenarios(flags.scenarios, "--scenarios");
  const heldOut = await readScenarios(flags.heldOut, "--held-out");
  const policy = flags.policy === undefined ? null : await readTuned(flags.policy);
  const demands = flags.demands === undefined ? new Map() : await readDemands(flags.demands);
  if (out !== undefined) await makeFolder(out);
  const bar = createProgressBar();
  const given = [
    ...(flags.parts === undefined ? [] : ["--parts", parts.join(",")]),
    ...["--scenarios", flags.scenarios],
    ...(flags.policy === undefined ? [] : ["--policy", flags.policy]),
    ...["--held-out", flags.heldOut],
    ...(tlogTools === null ? [] : ["--tlog-tools", tlogTools]),
    ...(flags.demands === undefined ? [] : ["--demands", flags.demands]),
  ];
  const command = ["bailiwick bench fabric", ...given, "--seeds", seeds].join(" ");
  const list = Array.from({ length: seeds }, (_, place) => 1 + place);
  try {
    const measured = await benchFabric(
      {
        ...{ parts, seeds: list, scenarios, demands, policy, heldOut, tlogTools, command },
        serve: [process.execPath, MAIN],
      },
      bar.report,
    );
    bar.stop();
    const document = await writeResult(measured, out, parts.length === FABRIC_PARTS.length);
    if (json) printJson(document);
    else printLine(render(document));
  } finally {
    bar.stop();
  }
}

async function readDemands(folder: string): Promise<ReadonlyMap<string, Demand>> {
  const names = await namesIn(folder, "--demands", ".csv");
  const demands = names.map(async (name) => {
    const demand = await readDemand(join(folder, `${name}.csv`));
    demand.notes.forEach((told) => {
      note(told);
    });
    if (demand.models.length === 1) return [name, demand] as const;
    const found = `${name}.csv has ${demand.models.length}`;
    const message = `--demands must hold records of one column of requests, ${found}`;
    throw new BailiwickError("INVALID_OPTION", message, { name });
  });
  return new Map(await Promise.all(demands));
}

function render({ measurements, figures }: BenchDocument<FabricMeasurements>): string {
  const tables = [policyTable(measurements), forecastTable(measurements), renderFigures(figures)];
  return tables.filter((text) => text !== "").join("\n\n");
}

function policyTable({ changing, stationary }: FabricMeasurements): string {
  const rows = [...changing, ...stationary].map((row) => [
    row.scenario,
    ...[row.bestStatic, row.medianStatic, row.threshold.p95, row.predictive.p95].map(figure),
    figure(row.predictive.movesPerHour),
    `${(100 * row.predictive.failedShare).toFixed(3)} %`,
  ]);
  const columns = ["p95 ms", "best static", "median static", "threshold", "predictive"];
  return rows.length === 0 ? "" : formatTable([...columns, "moves an hour", "failed"], rows);
}

/** Errors ÷ the mean of each series. */
function forecastTable({ forecasts }: FabricMeasurements): string {
  const rows = forecasts.flatMap(({ series, settings, errors }) =>
    errors.map(({ ahead, placer, holtWinters, plain, lastValue }) => [
      series,
      String(ahead),
      ...[placer, holtWinters, placer / holtWinters, plain, lastValue].map(figure),
      `${settings.season}, ${settings.isMultiplicative ? "×" : "+"}`,
    ]),
  );
  const columns = ["error ÷ mean", "ahead", "placer", "Holt–Winters", "÷", "its own", "last value"];
  return rows.length === 0 ? "" : formatTable([...columns, "season"], rows);
}
