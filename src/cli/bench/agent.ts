/** `bailiwick bench agent`. */
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type AgentBenchMeasurements,
  benchAgent,
  SPLIT_SESSIONS,
  type SplitOptions,
  worstStart,
} from "../../benches/index.ts";
import { AGENT_PARTS, type AgentPart } from "../../shared/choices.ts";
import { prepareOutputFolder } from "../../shared/folders.ts";
import { figure } from "../../shared/wording.ts";
import { formatTable, printJson, printLine } from "../output.ts";
import { createProgressBar } from "../progress-bar.ts";
import { readLinks, readSession } from "../simulate-session.ts";
import { type BenchFlags, renderFigures } from "./figures-text.ts";
import { writeResult } from "./result-file.ts";

export interface BenchAgentFlags extends BenchFlags {
  readonly parts?: readonly AgentPart[];
  readonly links?: string;
  readonly sessions: string;
}

/** What the folder may hold: what is written, and the sessions that are played. */
const OUTPUTS = ["result.json", "sessions"];
/** The command and the agent's file for pages, as built. */
const MAIN = fileURLToPath(new URL("../main.js", import.meta.url));
const AGENT = fileURLToPath(new URL("../../agent.js", import.meta.url));
/** Of the requests of sessions. */
const SEEDS = [1, 2];

/** Measures and prints. A figure that misses its bound is a result, not an error. */
export async function benchAgentCommand(flags: BenchAgentFlags): Promise<void> {
  const { out, force = false, json = false, parts = AGENT_PARTS } = flags;
  if (out !== undefined) await prepareOutputFolder(out, { force, ours: OUTPUTS });
  const split = parts.includes("split") ? await readSplit(flags) : null;
  const given = [
    ...(flags.parts === undefined ? [] : ["--parts", parts.join(",")]),
    ...(flags.links === undefined ? [] : ["--links", basename(flags.links)]),
    ...(out === undefined ? [] : ["--out", out]),
  ];
  const command = ["bailiwick bench agent", ...given].join(" ");
  const bar = createProgressBar();
  try {
    const serve = [process.execPath, MAIN] as const;
    const run = { command, parts, split, serve, agent: AGENT, progress: bar.report };
    const measured = await benchAgent(run);
    bar.stop();
    const document = await writeResult(measured, out, parts.length === AGENT_PARTS.length);
    if (json) printJson(document);
    else printLine(render(document.measurements, renderFigures(document.figures)));
  } finally {
    bar.stop();
  }
}

/** null without links. */
async function readSplit({ links, sessions }: BenchAgentFlags): Promise<SplitOptions | null> {
  if (links === undefined) return null;
  const named = await Promise.all(
    SPLIT_SESSIONS.map(async (name) => {
      return [name, await readSession(join(sessions, `${name}.json`))] as const;
    }),
  );
  return { sessions: new Map(named), links: await readLinks(links), seeds: SEEDS };
}

function render({ page, split }: AgentBenchMeasurements, figures: string): string {
  const start =
    page === null || "absent" in page
      ? []
      : [`The worst cold start took ${Math.round(worstStart(page))} ms.`];
  return [...sessionTable(split), figures, ...start].join("\n\n");
}

function sessionTable(split: AgentBenchMeasurements["split"]): readonly string[] {
  if (split === null || "absent" in split) return [];
  const rows = split.rows.map(({ session, link, seed, allRemote, medianMs, best, ours }) => [
    session,
    link,
    String(seed),
    ...[allRemote.meanMs, medianMs, best.meanMs, ours.meanMs].map(figure),
    `${ours.late} of ${allRemote.late}`,
    `${figure(ours.joules)} of ${figure(allRemote.joules)}`,
  ]);
  const columns = ["all remote ms", "median fixed", "best fixed", "agent", "late", "joules"];
  return [formatTable(["session", "link", "seed", ...columns], rows)];
}
