/**
 * `bailiwick bench agent`: what the agent costs a page beside onnxruntime-web, whether it has the
 * server's bits there, what an update costs, and whether rows of class local stay; and how its
 * split between device and server fares in simulated sessions.
 */
import { existsSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { readBundle, writeBundle } from "../../bundle/index.ts";
import { createWasmEngine, type Engine } from "../../experts/index.ts";
import { encodeOnnx } from "../../onnx/index.ts";
import { type AgentPart, SHIP_KINDS } from "../../shared/choices.ts";
import { type Progress, silent, within } from "../../shared/progress.ts";
import { type BenchDocument, benchDocument } from "../figures.ts";
import { type AbsentPeer, PEERS_FOLDER } from "../peer-process.ts";
import { type CommandLine, type ServerProcess, startServer } from "../serving/process.ts";
import { type AgentMeasurements, agentFigures } from "./figures.ts";
import { measureFirst, measureLeaks, measureRace, measureSame, measureUpdate } from "./measure.ts";
import { changedContent, kindsContent, raceContent } from "./models.ts";
import { openPage, type Page, pageScript } from "./page.ts";
import { type AgentPlan, FULL_AGENT_PLAN } from "./plan.ts";
import { measureSplits, type SplitMeasurements, type SplitOptions } from "./split.ts";
import { splitFigures } from "./split-figures.ts";

export interface BenchAgentOptions {
  /** The command as it was given, for the record. */
  readonly command: string;
  readonly parts: readonly AgentPart[];
  /** Of the part "split"; null without recorded links. */
  readonly split: SplitOptions | null;
  /** What starts this package's command, for example ["node", "dist/cli/main.js"]. */
  readonly serve: CommandLine;
  /** The agent's file for pages. */
  readonly agent: string;
  readonly progress?: Progress;
  readonly plan?: AgentPlan;
  /** Folder of the peers' scripts; by default the checkout's. */
  readonly peersFolder?: string;
}

/** A part that did not run is null. */
export interface AgentBenchMeasurements {
  readonly page: AgentMeasurements | AbsentPeer | null;
  readonly split: SplitMeasurements | AbsentPeer | null;
}

/**
 * Measures; about four minutes for the full plan. Without the peers' scripts, Chromium or
 * onnxruntime-web no page is measured, without links no split, and each figure says so.
 *
 * @throws WORKER_FAILED if the server or the browser ends, or answers wrongly.
 */
export async function benchAgent(
  options: BenchAgentOptions,
): Promise<BenchDocument<AgentBenchMeasurements>> {
  const { command, parts, progress = silent } = options;
  const alone = within(progress, 0, parts.includes("page") ? 0.1 : 1);
  const split = parts.includes("split") ? splitOf(options.split, alone) : null;
  const page = parts.includes("page")
    ? await measurePage({ ...options, progress: within(progress, 0.1, 1) })
    : null;
  const figures = [
    ...(page === null ? [] : agentFigures(page.measurements)),
    ...(split === null ? [] : splitFigures(split)),
  ];
  const measurements = { page: page?.measurements ?? null, split };
  const versions = page?.versions ?? {};
  return benchDocument({ bench: "agent", command, versions, measurements, figures });
}

function splitOf(options: SplitOptions | null, progress: Progress): SplitMeasurements | AbsentPeer {
  if (options !== null) return measureSplits(options, progress);
  return { name: "links", absent: "--links must name a file of recorded links" };
}

async function measurePage(options: BenchAgentOptions): Promise<Measured> {
  const { peersFolder = PEERS_FOLDER } = options;
  const engine = await createWasmEngine();
  const folder = await mkdtemp(join(tmpdir(), "bailiwick-agent-"));
  try {
    return existsSync(pageScript(peersFolder))
      ? await measureInFolder(engine, folder, { ...options, peersFolder })
      : absent("the script agent-page.mjs is not there");
  } finally {
    await engine.close();
    await rm(folder, { recursive: true });
  }
}

interface Measured {
  readonly versions: Readonly<Record<string, string>>;
  readonly measurements: AgentMeasurements | AbsentPeer;
}

function absent(why: string): Measured {
  return { versions: {}, measurements: { name: "agent-page", absent: why } };
}

async function measureInFolder(
  engine: Engine,
  folder: string,
  { serve, agent, peersFolder, progress = silent, plan = FULL_AGENT_PLAN }: Opened,
): Promise<Measured> {
  const race = raceContent(engine);
  const [nets, kinds] = [join(folder, "nets"), join(folder, "kinds")];
  await writeBundle(nets, race);
  await writeBundle(kinds, await kindsContent());
  const server = await startServer(serve, [nets, kinds, "--ship", SHIP_KINDS.join(",")]);
  try {
    const model = encodeOnnx(race.model, { digest: "0".repeat(64), packageVersion: "0.0.0" });
    const page = await openPage({ peersFolder, agent, server: server.origin, model });
    if ("absent" in page) return { versions: {}, measurements: page };
    try {
      const measurements = await measureAll(page, plan, progress, () =>
        changeOneExpert(engine, nets, server),
      );
      const { versions, ort } = measurements;
      return { versions: { ...versions, "onnxruntime-web": ort }, measurements };
    } finally {
      page.close();
    }
  } finally {
    await server.close();
  }
}

interface Opened extends BenchAgentOptions {
  readonly peersFolder: string;
}

async function measureAll(
  page: Page,
  plan: AgentPlan,
  progress: Progress,
  change: () => Promise<number>,
) {
  progress("bits beside the server's", 0);
  const same = await measureSame(page, plan);
  progress("rows a second beside onnxruntime-web", 0.2);
  const { races, ort } = await measureRace(page, plan);
  progress("rows of class local", 0.4);
  const leaks = await measureLeaks(page, plan);
  progress("first answers over a slow link", 0.5);
  const first = await measureFirst(page, plan);
  progress("an update", 0.95);
  const update = await measureUpdate(page, change);
  const { sizes, versions } = page;
  return { sizes, same, races, leaks, first, update, versions, ort };
}

/** @returns Bytes of the manifest and of the blob that an agent lacks. */
async function changeOneExpert(
  engine: Engine,
  folder: string,
  server: ServerProcess,
): Promise<number> {
  const before = await blobsIn(folder);
  const { version } = await writeBundle(folder, changedContent(engine));
  const after = await blobsIn(folder);
  const [changed, ...others] = after.filter((hash) => !before.includes(hash));
  if (changed === undefined || others.length > 0) throw new TypeError("one expert must differ");
  for (;;) {
    const answer = await fetch(`${server.origin}/v2/models/nets/manifest`);
    const manifest = await answer.arrayBuffer();
    if (answer.headers.get("bailiwick-version") === String(version)) {
      return manifest.byteLength + (await stat(join(folder, "blobs", changed))).size;
    }
    await wait(100);
  }
}

async function blobsIn(folder: string): Promise<readonly string[]> {
  const { manifest } = await readBundle(folder);
  return manifest.members.flatMap(({ experts }) => experts.map(({ blob }) => blob));
}
