/** `bailiwick bench agent`. */
import { fileURLToPath } from "node:url";
import { type AgentMeasurements, benchAgent, worstStart } from "../../benches/index.ts";
import { prepareOutputFolder, writeFileAtomic } from "../../shared/files.ts";
import { note, printJson, printLine } from "../output.ts";
import { createProgressBar } from "../progress-bar.ts";
import { type BenchFlags, renderFigures } from "./figures-text.ts";

/** What the folder may hold: what is written, and the sessions that are played. */
const OUTPUTS = ["result.json", "sessions"];
/** The command and the agent's file for pages, as built. */
const MAIN = fileURLToPath(new URL("../main.js", import.meta.url));
const AGENT = fileURLToPath(new URL("../../agent.js", import.meta.url));

/** Measures and prints. A figure that misses its bound is a result, not an error. */
export async function benchAgentCommand({
  out,
  force = false,
  json = false,
}: BenchFlags): Promise<void> {
  if (out !== undefined) await prepareOutputFolder(out, { force, ours: OUTPUTS });
  const command = `bailiwick bench agent${out === undefined ? "" : ` --out ${out}`}`;
  const bar = createProgressBar();
  try {
    const serve = [process.execPath, MAIN] as const;
    const document = await benchAgent({ command, serve, agent: AGENT, progress: bar.report });
    bar.stop();
    if (out !== undefined) {
      await writeFileAtomic(`${out}/result.json`, `${JSON.stringify(document, null, 2)}\n`);
      note(`wrote ${out}/result.json`);
    }
    if (json) printJson(document);
    else printLine(renderAgent(document.measurements, renderFigures(document.figures)));
  } finally {
    bar.stop();
  }
}

function renderAgent(measured: AgentMeasurements | { readonly absent: string }, figures: string) {
  if ("absent" in measured) return figures;
  return `${figures}\n\nThe worst cold start took ${Math.round(worstStart(measured))} ms.`;
}
