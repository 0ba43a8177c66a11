/**
 * `bailiwick bench serving`: what the server costs beside a bare echo, what a prediction costs in
 * process beside onnxruntime, and whether the server holds: under load while its bundle is
 * replaced, and under requests that are broken.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createWasmEngine } from "../../experts/index.ts";
import { type Progress, silent, within } from "../../shared/progress.ts";
import { type BenchDocument, benchDocument } from "../figures.ts";
import { type AbsentPeer, PEERS_FOLDER } from "../peer-process.ts";
import { type ServingMeasurements, servingFigures } from "./figures.ts";
import { fuzz } from "./fuzz.ts";
import type { CommandLine } from "./process.ts";
import { raceEcho } from "./race.ts";
import { timeRows } from "./rows.ts";
import { soak } from "./soak.ts";

/** How much is measured. */
export interface ServingPlan {
  readonly nRounds: number;
  /** Of one load. */
  readonly seconds: number;
  readonly rowCalls: number;
  readonly batchCalls: number;
  readonly soakSeconds: number;
  readonly reloadEveryS: number;
  readonly fuzzRequests: number;
}

export const FULL_SERVING_PLAN: ServingPlan = {
  nRounds: 7,
  seconds: 5,
  rowCalls: 200_000,
  batchCalls: 5000,
  soakSeconds: 120,
  reloadEveryS: 10,
  fuzzRequests: 10_000,
};

const FUZZ_SEED = 2;

export interface BenchServingOptions {
  /** The command as it was given, for the record. */
  readonly command: string;
  /** What starts this package's command, for example ["node", "dist/cli/main.js"]. */
  readonly serve: CommandLine;
  readonly progress?: Progress;
  readonly plan?: ServingPlan;
  /** Folder of the peers' scripts; by default the checkout's. */
  readonly peersFolder?: string;
}

/**
 * Measures; about eight minutes for the full plan. Without the peers' scripts, which a checkout
 * has, only predictions in process are timed.
 *
 * @throws WORKER_FAILED if the server or a peer ends while it is measured, or answers wrongly.
 */
export async function benchServing({
  command,
  serve,
  progress = silent,
  plan = FULL_SERVING_PLAN,
  peersFolder = PEERS_FOLDER,
}: BenchServingOptions): Promise<BenchDocument<ServingMeasurements>> {
  const engine = await createWasmEngine();
  const missing = missingScript(peersFolder);
  const peers = { serve, peersFolder };
  try {
    const { versions, ...rows } = await timeRows(
      engine,
      { ...plan, ...peers },
      within(progress, 0, 0.1),
    );
    const raced =
      missing ?? (await raceEcho(engine, { ...plan, ...peers }, within(progress, 0.1, 0.7)));
    progress("soak", 0.7);
    const { soakSeconds: seconds, reloadEveryS, fuzzRequests: nRequests } = plan;
    const soaked = missing ?? (await soak(engine, { ...peers, seconds, reloadEveryS }));
    progress("fuzz", 0.95);
    const fuzzed = missing ?? (await fuzz(engine, { ...peers, nRequests, seed: FUZZ_SEED }));
    const races = "absent" in raced ? raced : raced.races;
    const measurements = { races, rows, soak: soaked, fuzz: fuzzed };
    return benchDocument({
      bench: "serving",
      command,
      versions: { ...versions, ...("absent" in raced ? {} : raced.versions) },
      measurements,
      figures: servingFigures(measurements),
    });
  } finally {
    await engine.close();
  }
}

/** The first of the scripts that is not there; null if all are. */
function missingScript(folder: string): AbsentPeer | null {
  const script = ["load.mjs", "echo.mjs", "onnx.mjs", "fuzz.mjs"].find(
    (name) => !existsSync(join(folder, name)),
  );
  return script === undefined
    ? null
    : { name: script, absent: `the script ${script} is not there` };
}
