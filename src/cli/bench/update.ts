import { type BenchDocument, benchUpdate, type UpdateMeasurements } from "../../benches/index.ts";
import { createEngine } from "../../library/index.ts";
import { createInlineExecutor, PRESETS } from "../../mixture/index.ts";
import { makeFolder } from "../../shared/folders.ts";
import type { EngineFlags } from "../engine.ts";
import { mirrorFolder, peerPython } from "../environment.ts";
import { formatTable, printJson, printLine } from "../output.ts";
import { createProgressBar } from "../progress-bar.ts";
import { type BenchFlags, renderFigures } from "./figures-text.ts";
import { writeResult } from "./result-file.ts";

export interface BenchUpdateFlags extends EngineFlags, BenchFlags {
  readonly sets?: readonly string[];
  readonly seeds: number;
  readonly seed?: number;
  readonly rows: number;
  readonly newRows: number;
  readonly steady: number;
  readonly shifted: number;
}

export async function benchUpdateCommand(flags: BenchUpdateFlags): Promise<void> {
  const { out, seeds, rows, newRows, steady, shifted, seed: first = 1 } = flags;
  if (out !== undefined) await makeFolder(out);
  const executor = createInlineExecutor(await createEngine(flags));
  const bar = createProgressBar();
  const command =
    `bailiwick bench update --seeds ${seeds} --seed ${first} --rows ${rows} ` +
    `--new-rows ${newRows} --steady ${steady} --shifted ${shifted}`;
  const options = {
    seeds: Array.from({ length: seeds }, (_, place) => first + place),
    fit: PRESETS.regimes,
    nOld: rows,
    nNew: newRows,
    nQuiet: steady,
    nShifted: shifted,
    mirror: mirrorFolder(),
    python: peerPython(),
    command: flags.sets === undefined ? command : `${command} --sets ${flags.sets.join(",")}`,
    ...(flags.sets === undefined ? {} : { sets: flags.sets.filter((name) => name !== "") }),
  };
  try {
    const document = await benchUpdate(options, executor, bar.report);
    bar.stop();
    await writeResult(document, out);
    if (flags.json === true) printJson(document);
    else printLine(renderUpdateBench(document));
  } finally {
    bar.stop();
    await executor.close();
  }
}

function renderUpdateBench({ measurements, figures }: BenchDocument<UpdateMeasurements>): string {
  const { drifts, alarms, real } = measurements;
  return [
    "mean squared errors on test rows, and CPU seconds",
    "",
    formatTable(
      [
        "stream",
        "none",
        "update",
        "full",
        "single",
        "window",
        "CPU",
        "full",
        "single",
        "read",
        "did",
      ],
      drifts.map(({ set, drift, seed, errors, cpuSeconds, rowsReadShare, actions }) => [
        `${set} ${seed} ${drift}`,
        ...[errors.none, errors.update, errors.full, errors.single, errors.window].map(digits),
        ...[cpuSeconds.update, cpuSeconds.full, cpuSeconds.single].map(digits),
        digits(rowsReadShare),
        actions.join(", "),
      ]),
    ),
    "",
    "shifts detected within 200 rows of the regime, by size in s.d.; false alarms",
    "",
    formatTable(
      [
        "model",
        ...(alarms[0]?.power ?? []).map(({ size }) => String(size)),
        "false",
        "again ÷ first",
      ],
      alarms.map(({ set, seed, power, quiet, recurring }) => [
        `${set} ${seed}`,
        ...power.map(({ nFound, nStreams, medianRows }) => {
          return `${nFound}/${nStreams}${medianRows === null ? "" : ` (${medianRows})`}`;
        }),
        `${quiet.nAlarms}/${quiet.nStreams}`,
        recurring
          .map(({ firstSeconds, againSeconds }) => digits(againSeconds / firstSeconds))
          .join(" "),
      ]),
    ),
    "",
    "autocorrelated errors: false alarms, and shifts of 1 s.d. detected within 400 rows",
    "",
    dependentTable(alarms),
    "",
    ...real.flatMap(({ set, errors, peers, absent, nUpdates }) => [
      `${set}: rmse before learning ${digits(errors.update)} with ${nUpdates} updates, ` +
        `${digits(errors.none)} without, ${digits(errors.window)} with a sliding window; ` +
        peers.map(({ name, error }) => `${name} ${digits(error)}`).join(", "),
      ...absent.map(({ name, absent: why }) => `peer ${name} was missing: ${why}`),
    ]),
    "",
    renderFigures(figures),
  ].join("\n");
}

function dependentTable(alarms: UpdateMeasurements["alarms"]): string {
  return formatTable(
    ["model", "φ", "false", "detected", "median rows"],
    alarms.flatMap(({ set, seed, dependent }) =>
      dependent.map(({ phi, quiet, shifted }) => [
        `${set} ${seed}`,
        String(phi),
        `${quiet.nAlarms}/${quiet.nStreams}`,
        `${shifted.nFound}/${shifted.nStreams}`,
        String(shifted.medianRows ?? ""),
      ]),
    ),
  );
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}
