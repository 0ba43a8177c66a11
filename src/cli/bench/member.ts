/** `bailiwick bench regimes --member`: what a member of regimes gives the preset `accurate`. */
import { join } from "node:path";
import { accuracySets, benchMember, type MemberRow, parseMemberRow } from "../../benches/index.ts";
import { listDatasets } from "../../data/index.ts";
import { createEngine } from "../../library/index.ts";
import { createInlineExecutor, DEFAULT_COMMITTEE, PRESETS } from "../../mixture/index.ts";
import { writeFileAtomic } from "../../shared/files.ts";
import { mirrorFolder } from "../environment.ts";
import { formatTable, jsonByLines, note, printJson, printLine } from "../output.ts";
import { createProgressBar } from "../progress-bar.ts";
import { renderFigures } from "./figures-text.ts";
import type { RegimesFlags } from "./regimes.ts";
import { openRowLog } from "./row-log.ts";

export async function benchMemberCommand(flags: RegimesFlags): Promise<void> {
  const { out, rows: nRows, json, resume = false } = flags;
  const mirror = mirrorFolder();
  const atHand = (await listDatasets({ mirror })).map(({ name }) => name);
  const sets = flags.sets ?? accuracySets.filter((name) => atHand.includes(name));
  const seed = flags.seed ?? 1;
  const run = `--seed ${seed} --rows ${nRows}`;
  const command = `bailiwick bench regimes --member --sets ${sets.join(",")} ${run}`;
  const accurate = { fit: PRESETS.accurate, committee: DEFAULT_COMMITTEE };
  const log = out === undefined ? undefined : join(out, "members.jsonl");
  const { finished, keep } = await openRowLog(log, { resume, run, parse: parseMemberRow });
  const executor = createInlineExecutor(await createEngine(flags));
  const bar = createProgressBar();
  try {
    const options = { sets, seed, nRows, accurate, mirror, command, finished, onFinished: keep };
    const document = await benchMember(options, executor, bar.report);
    bar.stop();
    if (out !== undefined) {
      await writeFileAtomic(join(out, "member.json"), `${jsonByLines(document)}\n`);
      note(`wrote ${out}/member.json`);
    }
    if (json === true) printJson(document);
    else {
      const { measurements, figures } = document;
      printLine([renderRows(measurements.rows), "", renderFigures(figures)].join("\n"));
    }
  } finally {
    bar.stop();
    await executor.close();
  }
}

function renderRows(rows: readonly MemberRow[]): string {
  const cells = rows.map(({ set, nTrain, error, withRegimes, weight, cpuSeconds }) => [
    set,
    String(nTrain),
    error.toFixed(4),
    withRegimes.toFixed(4),
    (withRegimes / error).toFixed(3),
    weight.toFixed(2),
    cpuSeconds.toFixed(0),
  ]);
  const header = ["set", "rows", "without", "with", "ratio", "weight", "CPU s"];
  return formatTable(header, cells);
}
