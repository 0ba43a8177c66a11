/** `bailiwick bench accuracy`: compares committees with baselines and other packages. */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import {
  type AccuracyMeasurements,
  type AccuracyOptions,
  type AccuracyRow,
  accuracyTables,
  type BenchDocument,
  benchAccuracy,
  type KnownPeers,
  parseResultRows,
  parseRow,
  readKnownPeers,
  renderAccuracyReport,
} from "../../benches/index.ts";
import { listDatasets } from "../../data/index.ts";
import { FAMILIES } from "../../experts/index.ts";
import { PRESETS } from "../../mixture/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { readTextFile, writeFileAtomic } from "../../shared/files.ts";
import type { EngineFlags } from "../engine.ts";
import { mirrorFolder, peerPython } from "../environment.ts";
import { jsonByLines, note, printJson, printLine } from "../output.ts";
import { createProgressBar } from "../progress-bar.ts";
import { renderAccuracy } from "./accuracy-text.ts";
import { openRowLog } from "./row-log.ts";

export interface AccuracyFlags extends EngineFlags {
  /** Default: all sets of the package. */
  readonly sets?: readonly string[];
  /** Default: all splits of small sets, and five of large sets. */
  readonly splits?: { readonly first: number; readonly last: number };
  readonly families: "mlp" | "all";
  readonly steps: readonly number[];
  readonly extend: number;
  readonly peers: boolean;
  /** An earlier result.json over the same splits. */
  readonly peersFrom?: string;
  /** An earlier result.json whose errors this run is compared with. */
  readonly before?: string;
  readonly corrupt: number;
  readonly seed?: number;
  readonly out?: string;
  readonly resume?: boolean;
  readonly onlyFinished?: boolean;
  readonly json?: boolean;
}

const MAX_RESULT_BYTES = 100_000_000;

export async function benchAccuracyCommand(flags: AccuracyFlags): Promise<void> {
  const { out } = flags;
  const options = await accuracyOptions(flags);
  const bar = createProgressBar();
  try {
    const document = await benchAccuracy(options, bar.report);
    bar.stop();
    if (out !== undefined) await writeOutputs(out, document);
    if (flags.json === true) printJson(document);
    else printLine(renderAccuracy(document));
  } finally {
    bar.stop();
  }
}

async function writeOutputs(
  out: string,
  document: BenchDocument<AccuracyMeasurements>,
): Promise<void> {
  const report = renderAccuracyReport(document, accuracyTables(document.measurements));
  await writeFileAtomic(join(out, "result.json"), `${jsonByLines(document)}\n`);
  await writeFileAtomic(join(out, "report.html"), report);
  note(`wrote ${out}/result.json and report.html`);
}

async function accuracyOptions(flags: AccuracyFlags): Promise<AccuracyOptions> {
  const { out, steps, extend: extendTo, splits = null, families } = flags;
  const { onlyFinished = false, resume = onlyFinished } = flags;
  const mirror = mirrorFolder();
  const sets = flags.sets ?? (await listDatasets()).map(({ name }) => name);
  const seed = flags.seed ?? PRESETS.accurate.seed;
  const peersFrom = await knownPeers(flags, seed);
  const log = out === undefined ? undefined : join(out, "splits.jsonl");
  if (log !== undefined && resume && !existsSync(log)) await restoreLog(log);
  const { finished, keep } = await openRowLog(log, { resume, parse: parseRow });
  return {
    sets,
    splits,
    families: families === "all" ? FAMILIES : [],
    fit: { ...PRESETS.accurate, seed, tuning: { ...PRESETS.accurate.tuning, steps, extendTo } },
    corrupted: flags.corrupt,
    threads: flags.threads ?? availableParallelism(),
    mirror,
    python: flags.peers && peersFrom === null ? peerPython() : null,
    peersFrom,
    before: flags.before === undefined ? null : await readRows(flags.before),
    command: commandOf(flags, sets, seed),
    onlyFinished,
    finished,
    onFinished: keep,
  };
}

/** The command as typed, with the defaults written out. */
function commandOf(flags: AccuracyFlags, sets: readonly string[], seed: number): string {
  const { splits, steps, extend, families, peers, peersFrom, before, corrupt } = flags;
  return [
    `bailiwick bench accuracy --sets ${sets.join(",")}`,
    ...(splits === undefined ? [] : [`--splits ${splits.first}-${splits.last}`]),
    `--steps ${steps.join(",")} --extend ${extend} --seed ${seed}`,
    ...(families === "all" ? [] : [`--families ${families}`]),
    ...(peers ? [] : ["--no-peers"]),
    ...(peersFrom === undefined ? [] : [`--peers-from ${peersFrom}`]),
    ...(before === undefined ? [] : [`--before ${before}`]),
    ...(corrupt === 0 ? [] : [`--corrupt ${corrupt}`]),
    ...(flags.onlyFinished === true ? ["--only-finished"] : []),
  ].join(" ");
}

/** Writes the splits of an earlier result beside the log, if there is one, to the log. */
async function restoreLog(log: string): Promise<void> {
  const path = join(dirname(log), "result.json");
  if (!existsSync(path)) return;
  const rows = await readRows(path);
  await writeFileAtomic(log, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}

async function readRows(path: string): Promise<readonly AccuracyRow[]> {
  return parseResultRows(await readTextFile(path, { maxBytes: MAX_RESULT_BYTES }));
}

/** The peers' answers, if they are taken from an earlier result. @throws INVALID_OPTION */
async function knownPeers(
  { peersFrom, peers, corrupt }: AccuracyFlags,
  seed: number,
): Promise<readonly KnownPeers[] | null> {
  if (peersFrom === undefined) return null;
  if (!peers || corrupt !== 0) {
    const message = "--peers-from must not be combined with --no-peers or --corrupt, got both";
    throw new BailiwickError("INVALID_OPTION", message);
  }
  const text = await readTextFile(peersFrom, { maxBytes: MAX_RESULT_BYTES });
  return readKnownPeers(text, peersFrom, seed);
}
