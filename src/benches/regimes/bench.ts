/**
 * `bailiwick bench regimes`: does the fit find regimes that are there, find none that are not, and
 * do so better than rivals that are given the number of regimes?
 *
 * Each seed draws and fits each set afresh, and every peer fits it in a separate process. The
 * first seed's fit is judged and timed, and repeated with a share of the training targets
 * corrupted; sets without regimes to find are judged with every seed.
 */
import type { Executor, FitOptions } from "../../mixture/index.ts";
import { nowMs } from "../../shared/clock.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { type Progress, within } from "../../shared/progress.ts";
import { type BenchDocument, benchDocument } from "../figures.ts";
import { type AbsentPeer, PEERS_FOLDER } from "../peer-process.ts";
import { regimeFigures } from "./figures.ts";
import { fitCase } from "./fit.ts";
import {
  askPeer,
  type PeerOutcome,
  type RegimePeer,
  type RegimePeersOptions,
  startRegimePeers,
} from "./peers.ts";
import { corruptCase, createCase, isRoutable, type RegimeCase } from "./sets.ts";
import { type RegimeRow, type SetSummary, summariseSets } from "./summary.ts";

export interface RegimesOptions {
  readonly sets: readonly string[];
  readonly seeds: readonly number[];
  /** Training rows of a set, and as many test rows. */
  readonly nRows: number;
  /** Its seed is replaced by each of `seeds`. */
  readonly fit: FitOptions;
  readonly mirror?: string | undefined;
  readonly command: string;
  /** The peers; by default the checkout's scripts. */
  readonly peers: Omit<RegimePeersOptions, "folder"> & { readonly folder?: string };
  /** Rows that an earlier run finished: not run again. */
  readonly finished: readonly RegimeRow[];
  /** Told of every row when it is finished. */
  readonly onFinished: (row: RegimeRow) => Promise<void>;
}

export interface RegimesMeasurements {
  readonly rows: readonly RegimeRow[];
  readonly summaries: readonly SetSummary[];
  /** Peers that did not start, and those that failed on the way. */
  readonly absent: readonly AbsentPeer[];
}

const CORRUPTED_SHARE = 0.05;

/** Peers in the run; one that fails moves from the first list to the second. */
interface Field {
  present: readonly RegimePeer[];
  absent: readonly AbsentPeer[];
}

/** Runs every set with every seed. Cost: a minute or more each; progress says how long. */
export async function benchRegimes(
  options: RegimesOptions,
  executor: Executor,
  progress: Progress,
): Promise<BenchDocument<RegimesMeasurements>> {
  const { sets, seeds, peers } = options;
  const started = await startRegimePeers({ folder: PEERS_FOLDER, ...peers });
  const field: Field = {
    present: started.filter((peer) => "process" in peer),
    absent: started.filter((peer) => "absent" in peer),
  };
  const versions = Object.assign({}, ...field.present.map((peer) => peer.versions));
  try {
    const wanted = sets.flatMap((set) => seeds.map((seed) => ({ set, seed })));
    const rows = await runRows(wanted, field, options, executor, progress);
    const summaries = summariseSets(rows);
    return benchDocument({
      bench: "regimes",
      command: options.command,
      versions,
      measurements: { rows, summaries, absent: field.absent },
      figures: regimeFigures(rows, summaries),
    });
  } finally {
    for (const peer of field.present) peer.process.close();
  }
}

type Wanted = Pick<RegimeRow, "set" | "seed">;

/** Modifies `field`. */
async function runRows(
  wanted: readonly Wanted[],
  field: Field,
  { nRows, finished, onFinished, ...options }: RegimesOptions,
  executor: Executor,
  progress: Progress,
): Promise<readonly RegimeRow[]> {
  const knownOf = ({ set, seed }: Wanted): RegimeRow | undefined =>
    finished.find((row) => row.set === set && row.seed === seed && row.nRows === nRows);
  const left = wanted.filter((one) => knownOf(one) === undefined).length;
  const startMs = nowMs();
  const rows: RegimeRow[] = [];
  let done = 0;
  for (const one of wanted) {
    const known = knownOf(one);
    if (known !== undefined) {
      rows.push(known);
      continue;
    }
    const timeLeft = leftInWords(nowMs() - startMs, done, left);
    const report = within(progress, done / left, (done + 1) / left);
    const naming: Progress = (stage, part) =>
      report(`${one.set}, seed ${one.seed}: ${stage}${timeLeft}`, part);
    const own = await createCase(one.set, { seed: one.seed, nRows, mirror: options.mirror });
    const task = { field, fit: options.fit, isFirst: one.seed === options.seeds[0] };
    const row = { ...(await runRow(own, task, executor, naming)), nRows };
    await onFinished(row);
    rows.push(row);
    done += 1;
  }
  return rows;
}

/** Empty until one row is done. */
function leftInWords(spentMs: number, done: number, left: number): string {
  if (done === 0) return "";
  return `, about ${Math.ceil(((spentMs / done) * (left - done)) / 60_000)} min left`;
}

function fitCorrupted(
  own: RegimeCase,
  fit: FitOptions,
  executor: Executor,
  progress: Progress,
): ReturnType<typeof fitCase> {
  return fitCase(corruptCase(own, CORRUPTED_SHARE), { fit, judged: false }, executor, progress);
}

async function runRow(
  own: RegimeCase,
  { field, fit, isFirst }: { field: Field; fit: FitOptions; isFirst: boolean },
  executor: Executor,
  progress: Progress,
): Promise<Omit<RegimeRow, "nRows">> {
  const judged = isFirst || !isRoutable(own.set);
  const clean = await fitCase(own, { fit, judged }, executor, within(progress, 0, 0.5));
  const corrupting = within(progress, 0.5, 0.75);
  const corrupted = isFirst ? await fitCorrupted(own, fit, executor, corrupting) : null;
  progress("peers", 0.75);
  return {
    set: own.set,
    seed: own.seed,
    nTrain: own.train.y.length,
    nTest: own.test.y.length,
    trueRegimes: own.truth?.nRegimes ?? null,
    clean,
    corrupted,
    peers: isRoutable(own.set) && own.truth !== null ? await askPeers(field, own) : [],
  };
}

/** All at once: CPU time is counted by process. Modifies `field`. */
async function askPeers(field: Field, own: RegimeCase): Promise<readonly PeerOutcome[]> {
  return Promise.all(
    field.present.map(async (peer): Promise<PeerOutcome> => {
      try {
        return await askPeer(peer, own);
      } catch (error) {
        if (!(error instanceof BailiwickError)) throw error;
        const { name } = peer;
        field.present = field.present.filter((other) => other !== peer);
        field.absent = [...field.absent, { name, absent: error.message }];
        return { name, failed: error.message };
      }
    }),
  );
}
