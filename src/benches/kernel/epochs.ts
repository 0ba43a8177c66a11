/** Epochs of the workload by us and by the peers, for each batch size, in alternation. */
import type { Engine } from "../../experts/index.ts";
import { type Progress, within } from "../../shared/progress.ts";
import type { Peer } from "./peers.ts";
import { alternate, type Contender, type Timing } from "./rounds.ts";
import { epochCpuMs, epochFlops, mseAfterEpoch, type Workload } from "./workload.ts";

/** One contender's epoch: of one net, or of `nNets` nets, each on different rows. */
export interface EpochTiming extends Timing {
  readonly batchSize: BatchSize;
  readonly nNets: number;
  readonly gflops: number;
}

export type BatchSize = 32 | 128 | 512;
export const BATCH_SIZES: readonly BatchSize[] = [32, 128, 512];

/** What we are called among contenders, by our default engine; a peer by its name and its style. */
export const OURS = "bailiwick wasm";
/** Nets that the style "stacked" trains at once: the number in the peer's script. */
export const STACK_SIZE = 8;

/** Who races with what: the style "stacked" trains eight nets, and one batch size is enough. */
const RACES: readonly { readonly batchSize: BatchSize; readonly nNets: number }[] = [
  ...BATCH_SIZES.map((batchSize) => ({ batchSize, nNets: 1 })),
  { batchSize: 32, nNets: STACK_SIZE },
];

export interface RaceOptions {
  readonly nRounds: number;
  /** Our epochs in one turn, so that a turn is long against the clock's grain. */
  readonly ownEpochs: number;
}

/** @throws WORKER_FAILED if a peer ends while it is measured. */
export async function raceEpochs(
  engines: readonly Engine[],
  peers: readonly Peer[],
  workload: Workload,
  { nRounds, ownEpochs }: RaceOptions,
  progress: Progress,
): Promise<readonly EpochTiming[]> {
  const epochs: EpochTiming[] = [];
  for (const [place, { batchSize, nNets }] of RACES.entries()) {
    const field = [
      ...engines.map((engine) => ourContender(engine, workload, { batchSize, nNets, ownEpochs })),
      ...peers.flatMap((peer) => peerContenders(peer, batchSize, nNets)),
    ];
    const report = within(progress, place / RACES.length, (place + 1) / RACES.length);
    const naming: Progress = (name, done) => report(`batch ${batchSize}, ${name}`, done);
    for (const timing of await alternate(field, nRounds, naming)) {
      const gflops = (nNets * epochFlops(workload)) / (1e6 * timing.cpuMs);
      epochs.push({ ...timing, batchSize, nNets, gflops });
    }
  }
  return epochs;
}

interface OwnTurn {
  readonly batchSize: BatchSize;
  readonly nNets: number;
  readonly ownEpochs: number;
}

function ourContender(engine: Engine, workload: Workload, own: OwnTurn): Contender {
  const { batchSize, nNets, ownEpochs } = own;
  const nEpochs = Math.ceil(ownEpochs / nNets);
  return {
    name: `bailiwick ${engine.name}`,
    turn: async () => ({
      mse: await mseAfterEpoch(engine, workload, batchSize),
      cpuMs: await epochCpuMs(engine, workload, batchSize, { nNets, nEpochs }),
    }),
  };
}

function peerContenders(peer: Peer, batchSize: BatchSize, nNets: number): Contender[] {
  return peer.styles
    .filter((style) => (style === "stacked") === nNets > 1)
    .map((style) => ({
      name: `${peer.name} ${style}`,
      turn: () => peer.epoch(style, batchSize),
    }));
}
