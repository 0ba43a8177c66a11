/**
 * `bailiwick bench update`: does an update find what has changed, cost what has changed, and leave
 * the rest as it was? Generated streams with known changes, and real rows in their order.
 */
import { type GeneratorName, listDatasets } from "../../data/index.ts";
import type { Executor, FitOptions } from "../../mixture/index.ts";
import type { Progress } from "../../shared/progress.ts";
import { type BenchDocument, benchDocument } from "../figures.ts";
import { PEERS_FOLDER } from "../peer-process.ts";
import { type AlarmRow, runAlarms } from "./alarms.ts";
import { type DriftRow, runDrift } from "./drift.ts";
import { type UpdateMeasurements, updateFigures } from "./figures.ts";
import { REAL_SETS, type RealRow, runReal } from "./real.ts";
import { DRIFTS } from "./streams.ts";

export interface UpdateBenchOptions {
  readonly seeds: readonly number[];
  /** Its seed is replaced by each of `seeds`. */
  readonly fit: FitOptions;
  /** Rows that a model is fitted on, and those that come then. */
  readonly nOld: number;
  readonly nNew: number;
  /** Streams without a change in all, and shifted ones for each size, regime and model. */
  readonly nQuiet: number;
  readonly nShifted: number;
  readonly mirror?: string | undefined;
  readonly python: string;
  readonly peersFolder?: string;
  /** Real sets; default: those that are available. */
  readonly sets?: readonly string[];
  readonly command: string;
}

const SETS: readonly GeneratorName[] = ["intervals", "five"];
/** Rows of a batch of real rows, after the quarter that the model is fitted on. */
const BATCH_ROWS = 100;
const WARM_SHARE = 0.25;

/** Cost: two to three minutes a seed and set, and the real sets' peers. */
export async function benchUpdate(
  options: UpdateBenchOptions,
  executor: Executor,
  progress: Progress,
): Promise<BenchDocument<UpdateMeasurements>> {
  const { seeds, sets, mirror, command } = options;
  const atHand = (await listDatasets({ mirror })).map(({ name }) => name);
  const real = sets ?? REAL_SETS.filter((name) => atHand.includes(name));
  const models = SETS.flatMap((set) => seeds.map((seed) => ({ set, seed })));
  const nJobs = models.length * (DRIFTS.length + 1) + real.length;
  let done = 0;
  const told = async <T>(stage: string, job: () => Promise<T>): Promise<T> => {
    progress(stage, done / nJobs);
    const value = await job();
    done += 1;
    return value;
  };
  const drifts: DriftRow[] = [];
  const alarms: AlarmRow[] = [];
  for (const model of models) {
    const name = `${model.set}, seed ${model.seed}`;
    for (const drift of DRIFTS) {
      drifts.push(
        await told(`${name}: ${drift}`, () => runDrift({ ...model, drift }, options, executor)),
      );
    }
    const nQuiet = Math.ceil(options.nQuiet / models.length);
    alarms.push(
      await told(`${name}: alarms`, () => runAlarms(model, { ...options, nQuiet }, executor)),
    );
  }
  const reals: RealRow[] = [];
  for (const set of real)
    reals.push(await told(set, () => runReal(set, realOptions(options), executor)));
  const measurements = { drifts, alarms, real: reals };
  const figures = updateFigures(measurements);
  const versions = Object.assign({}, ...reals.map((row) => row.versions));
  return benchDocument({ bench: "update", command, versions, measurements, figures });
}

function realOptions({ fit, mirror, python, peersFolder = PEERS_FOLDER }: UpdateBenchOptions) {
  return { fit, mirror, python, peersFolder, warmShare: WARM_SHARE, batchRows: BATCH_ROWS };
}
