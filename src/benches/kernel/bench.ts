/**
 * `bailiwick bench kernel`: how fast the training kernel is, against other programs that train the
 * same net, against the reference engine, and as data, features and experts grow.
 *
 * Every ratio is of CPU time on one thread, theirs ÷ ours, taken in alternation in one run: what
 * it claims depends little on the machine, and little on what else the machine does.
 */
import { createReferenceEngine, createWasmEngine, type Engine } from "../../experts/index.ts";
import { type Progress, silent, within } from "../../shared/progress.ts";
import { type BenchDocument, benchDocument } from "../figures.ts";
import { type AbsentPeer, PEERS_FOLDER } from "../peer-process.ts";
import { type RaceOptions, raceEpochs } from "./epochs.ts";
import { type KernelMeasurements, kernelFigures } from "./figures.ts";
import { type FitPlan, fitContenders } from "./fit.ts";
import { type Peer, startPeers } from "./peers.ts";
import { alternate } from "./rounds.ts";
import { FULL_SCALING, measureScaling, type ScalingPlan } from "./scaling.ts";
import { measureThreads } from "./threads.ts";
import { createWorkload, epochFlops, rowCpuUs, type Workload } from "./workload.ts";

/** How much is measured. */
export interface KernelPlan extends RaceOptions {
  readonly nRows: number;
  /** Predictions of one row in one round. */
  readonly rowCalls: number;
  readonly fit: FitPlan;
  /** Epochs of each net where one thread is compared with two. */
  readonly threadEpochs: number;
  readonly scaling: ScalingPlan;
}

export const FULL_KERNEL_PLAN: KernelPlan = {
  nRows: 10_000,
  nRounds: 7,
  ownEpochs: 24,
  rowCalls: 100_000,
  fit: { candidates: [1, 2, 4], steps: 3000, learningRates: [4e-3], weightDecays: [0.05] },
  threadEpochs: 8,
  scaling: FULL_SCALING,
};

const N_FEATURES = 10;

export interface BenchKernelOptions {
  /** The command as it was given, for the record. */
  readonly command: string;
  readonly progress?: Progress;
  /** Folder of a mirror of data sets. */
  readonly mirror?: string | undefined;
  readonly plan?: KernelPlan;
  /** A Python with another torch, shown apart from the system's. */
  readonly python?: string | undefined;
  /** Folder of the peers' scripts; by default the checkout's. */
  readonly peersFolder?: string;
}

/**
 * Measures; a few minutes for the full plan. A peer that is not there leaves its figures without
 * a value.
 *
 * @throws WORKER_FAILED if a peer ends while it is measured; as opening the fit's data does.
 */
export async function benchKernel({
  command,
  progress = silent,
  mirror,
  python,
  plan = FULL_KERNEL_PLAN,
  peersFolder = PEERS_FOLDER,
}: BenchKernelOptions): Promise<BenchDocument<KernelMeasurements>> {
  const workload = createWorkload(plan.nRows, N_FEATURES);
  const engine = await createWasmEngine();
  const fast = await createWasmEngine({ fast: true });
  const peers = await startPeers(peersFolder, workload, python);
  const present = peers.filter((peer): peer is Peer => "epoch" in peer);
  const absent = peers.filter((peer): peer is AbsentPeer => "absent" in peer);
  try {
    const racing = within(progress, 0, 0.5);
    const epochs = await raceEpochs([engine, fast], present, workload, plan, racing);
    const rowUs = await measureRows(engine, workload, plan);
    const fitting = within(progress, 0.5, 0.9);
    const rivals = await fitContenders([engine, createReferenceEngine()], plan.fit, mirror);
    const fits = await alternate(rivals, plan.nRounds, (name, done) =>
      fitting(`fit by ${name}`, done),
    );
    progress("two threads", 0.9);
    const threads = await measureThreads(workload, plan.nRounds, plan.threadEpochs);
    progress("scaling", 0.92);
    const scaling = await measureScaling(plan.scaling);
    const measurements: KernelMeasurements = {
      workload: { nRows: plan.nRows, sizes: workload.net.sizes },
      epochFlops: epochFlops(workload),
      epochs,
      fits,
      rowUs,
      threads,
      scaling,
      absent,
    };
    const versions = versionsOf(present);
    const figures = kernelFigures(measurements);
    return benchDocument({ bench: "kernel", command, versions, measurements, figures });
  } finally {
    for (const peer of present) peer.close();
    await Promise.all([engine.close(), fast.close()]);
  }
}

/** One entry a package; a peer with another version of one that is there already names itself. */
function versionsOf(peers: readonly Peer[]): Readonly<Record<string, string>> {
  const versions: Record<string, string> = {};
  for (const { name, versions: own } of peers) {
    for (const [key, version] of Object.entries(own)) {
      const isOther = (versions[key] ?? version) !== version;
      versions[isOther ? name : key] = version;
    }
  }
  return versions;
}

/** After a round that does not count. */
async function measureRows(
  engine: Engine,
  workload: Workload,
  { nRounds, rowCalls }: KernelPlan,
): Promise<readonly number[]> {
  const rounds: number[] = [];
  for (let r = 0; r <= nRounds; r++) rounds.push(await rowCpuUs(engine, workload, rowCalls));
  return rounds.slice(1);
}
