/** `bailiwick bench regimes`: the regimes found, compared with the true ones. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type BenchDocument,
  benchRegimes,
  type FitSummary,
  type KeptAnswer,
  parseKeptAnswer,
  parseRegimeRow,
  parseResultAnswers,
  type RegimeRow,
  type RegimesMeasurements,
  type RegimesOptions,
  regimeSets,
  type SetSummary,
} from "../../benches/index.ts";
import { createEngine } from "../../library/index.ts";
import { createInlineExecutor, DEFAULT_COMMITTEE, PRESETS } from "../../mixture/index.ts";
import { readTextFile } from "../../shared/files.ts";
import type { EngineFlags } from "../engine.ts";
import { mirrorFolder, peerPython } from "../environment.ts";
import { formatTable, printJson, printLine } from "../output.ts";
import { createProgressBar } from "../progress-bar.ts";
import { renderFigures } from "./figures-text.ts";
import { writeResult } from "./result-file.ts";
import { openRowLog } from "./row-log.ts";

export interface RegimesFlags extends EngineFlags {
  /** Default: all that are available. */
  readonly sets?: readonly string[];
  readonly seeds: number;
  readonly rows: number;
  readonly seed?: number;
  readonly out?: string;
  readonly resume?: boolean;
  readonly json?: boolean;
}

const MAX_RESULT_BYTES = 100_000_000;

export async function benchRegimesCommand(flags: RegimesFlags): Promise<void> {
  const { out } = flags;
  const options = await regimesOptions(flags);
  const executor = createInlineExecutor(await createEngine(flags));
  const bar = createProgressBar();
  try {
    const document = await benchRegimes(options, executor, bar.report);
    bar.stop();
    await writeResult(document, out);
    if (flags.json === true) printJson(document);
    else printLine(renderRegimes(document));
  } finally {
    bar.stop();
    await executor.close();
  }
}

async function regimesOptions(flags: RegimesFlags): Promise<RegimesOptions> {
  const { out, rows: nRows, resume = false } = flags;
  const mirror = mirrorFolder();
  const sets = flags.sets ?? (await regimeSets(mirror));
  const first = flags.seed ?? 1;
  const seeds = Array.from({ length: flags.seeds }, (_, place) => first + place);
  const inOut = (name: string): string | undefined => out && join(out, name);
  const run = `--rows ${nRows}`;
  const rows = await openRowLog(inOut("rows.jsonl"), { resume, run, parse: parseRegimeRow });
  const answers = await openRowLog(inOut("peers.jsonl"), { resume: true, parse: parseKeptAnswer });
  return {
    sets,
    seeds,
    nRows,
    fit: PRESETS.regimes,
    mirror,
    command:
      `bailiwick bench regimes --sets ${sets.join(",")} --seeds ${seeds.length} ` +
      `--seed ${first} ${run}`,
    peers: { python: peerPython() },
    accurate: { fit: PRESETS.accurate, committee: DEFAULT_COMMITTEE },
    gates: flags.sets === undefined,
    answered: [...answers.finished, ...(await answersOf(inOut("result.json")))],
    onAnswered: answers.keep,
    finished: rows.finished,
    onFinished: rows.keep,
  };
}

/** What peers answered in an earlier result, if there is one. */
async function answersOf(result: string | undefined): Promise<readonly KeptAnswer[]> {
  if (result === undefined || !existsSync(result)) return [];
  return parseResultAnswers(await readTextFile(result, { maxBytes: MAX_RESULT_BYTES }));
}

function renderRegimes(document: BenchDocument<RegimesMeasurements>): string {
  const { rows, summaries, absent } = document.measurements;
  const routable = summaries.filter(({ peers }) => peers.length > 0);
  return [
    "our fit, which does not know the number of regimes; medians over seeds; errors are test",
    "mse ÷ noise variance (of nodata and tonedata: ÷ the target's), near a boundary and away",
    "",
    ownTable(summaries),
    "",
    "5 % of the training targets replaced by those of other rows",
    "",
    corruptedTable(summaries),
    "",
    ...(routable.length === 0 ? [] : [...peersTable(routable), ""]),
    renderFigures(document.figures),
    ...absent.map(({ name, absent: why }) => `peer ${name} was missing: ${why}`),
    ...rows.flatMap(failuresOf),
  ].join("\n");
}

function failuresOf({ set, seed, peers }: RegimeRow): readonly string[] {
  return peers
    .filter((peer) => "failed" in peer)
    .map(({ name, failed }) => `peer ${name} failed on ${set}, seed ${seed}: ${failed}`);
}

function ownTable(summaries: readonly SetSummary[]): string {
  const header = [
    "set",
    "regimes",
    "found",
    "ARI",
    "error",
    "near",
    "away",
    "share near",
    "in bands",
  ];
  const rows = summaries.map(({ set, trueRegimes, clean, worthIt, nJudged, ...times }) => [
    set,
    trueRegimes === null ? "?" : String(trueRegimes),
    clean.nRegimes.join(" "),
    cell(clean.ari),
    cell(clean.all),
    cell(clean.near),
    cell(clean.away),
    `${(100 * clean.nearShare).toFixed(1)} %`,
    clean.bandShare === null ? "–" : `${(100 * clean.bandShare).toFixed(1)} %`,
    `${worthIt}/${nJudged}`,
    times.wallSeconds.toFixed(1),
    times.cpuSeconds.toFixed(1),
  ]);
  return formatTable([...header, "worth it", "fit s", "CPU s"], rows);
}

function corruptedTable(summaries: readonly SetSummary[]): string {
  const rows = summaries.flatMap(({ set, clean, corrupted }) => {
    if (corrupted === null) return [];
    const change = (of: (fit: FitSummary) => number | null): string =>
      `${cell(of(clean))} → ${cell(of(corrupted))}`;
    const changes = [
      change(({ ari }) => ari),
      change(({ all }) => all),
      change(({ away }) => away),
    ];
    return [[set, corrupted.nRegimes.join(" "), ...changes]];
  });
  return formatTable(["set", "found", "ARI", "error", "away"], rows);
}

/** Our fit first, then peers by name: ARI and, in brackets, the error over all rows. */
function peersTable(summaries: readonly SetSummary[]): readonly string[] {
  const names = [...new Set(summaries.flatMap(({ peers }) => peers.map(({ name }) => name)))];
  const rows = summaries.map(({ set, clean, peers }) => [
    set,
    `${cell(clean.ari)} (${cell(clean.all)})`,
    ...names.sort().map((name) => {
      const peer = peers.find((one) => one.name === name);
      if (peer === undefined) return "–";
      return peer.ari === null ? cell(peer.error) : `${cell(peer.ari)} (${cell(peer.error)})`;
    }),
  ]);
  const title = "ARI (error over all rows), with peers that are given the true number of regimes";
  return [title, "", formatTable(["set", "bailiwick", ...names], rows)];
}

function cell(value: number | null): string {
  return value === null ? "–" : value.toFixed(2);
}
