/** `bailiwick run`: an experiment from its configuration to a folder of results. */
import { dirname, resolve } from "node:path";
import { lockBundleFolder } from "../bundle/index.ts";
import { parseConfig, type RunOutcome, runExperiment } from "../experiments/index.ts";
import { saveLocked } from "../library/index.ts";
import { renderReport } from "../reports/index.ts";
import { writeFileAtomic } from "../shared/files.ts";
import { prepareOutputFolder } from "../shared/folders.ts";
import type { Lock } from "../shared/lock.ts";
import { renderComparison } from "./comparison.ts";
import { createExecutor, type EngineFlags } from "./engine.ts";
import { mirrorFolder } from "./environment.ts";
import type { FabricFlags } from "./fabric-options.ts";
import { note, printJson, printLine, warn } from "./output.ts";
import { createProgressBar } from "./progress-bar.ts";
import { readConfig } from "./read-config.ts";
import { untilStopSignal } from "./stop-signals.ts";

export interface RunFlags extends EngineFlags, FabricFlags {
  /** Zones that rows may go to. */
  readonly zones?: readonly string[];
  readonly out?: string;
  readonly force?: boolean;
  readonly seed?: number;
  /** Texts that mark a missing value, in place of the configuration's. */
  readonly missing?: readonly string[];
  readonly json?: boolean;
}

/** The files of a run's folder; a folder with nothing else may be replaced. */
const OUTPUTS = ["result.json", "report.html", "bundle"];

export async function runCommand(configPath: string, flags: RunFlags): Promise<void> {
  const config = parseConfig(await readConfig(configPath));
  const seeded = {
    ...config,
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
    ...(flags.missing === undefined ? {} : { missing: flags.missing }),
  };
  const out = flags.out ?? `out/${config.name}`;
  await prepareOutputFolder(out, { force: flags.force === true, ours: OUTPUTS });

  await untilStopSignal(async (signal) => {
    const lock = await lockBundleFolder(`${out}/bundle`);
    try {
      await runInto(out, { config: seeded, configPath, lock, signal }, flags);
    } finally {
      await lock.release();
    }
  });
}

interface Running {
  readonly config: ReturnType<typeof parseConfig>;
  readonly configPath: string;
  readonly lock: Lock;
  readonly signal: AbortSignal;
}

/** Runs while no other process writes the bundle. */
async function runInto(
  out: string,
  { config, configPath, lock, signal }: Running,
  flags: RunFlags,
): Promise<void> {
  const executor = await createExecutor(flags);
  const bar = createProgressBar();
  try {
    const outcome = await runExperiment(config, {
      executor,
      signal,
      onProgress: bar.report,
      mirror: mirrorFolder(),
      baseFolder: dirname(resolve(configPath)),
    });
    bar.stop();
    for (const warning of outcome.result.dataset.warnings) warn(warning);
    const result = await writeOutcome(out, outcome, lock);
    if (flags.json === true) printJson(result);
    else printLine(renderComparison(result));
    note(`wrote ${out}/result.json, ${out}/report.html and ${out}/bundle/`);
  } finally {
    bar.stop();
    await executor.close();
  }
}

/** Writes the bundle first and result.json last, so that a result names a complete bundle. */
async function writeOutcome(
  out: string,
  outcome: RunOutcome,
  lock: Lock,
): Promise<RunOutcome["result"]> {
  const { digest } = await saveLocked(outcome.model, `${out}/bundle`, { lock });
  const result = { ...outcome.result, bundleDigest: digest };
  await writeFileAtomic(`${out}/report.html`, renderReport(result, outcome.facts));
  await writeFileAtomic(`${out}/result.json`, `${JSON.stringify(result, null, 2)}\n`);
  return result;
}
