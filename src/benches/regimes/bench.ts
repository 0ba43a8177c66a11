/**
 * `bailiwick bench regimes`: does the fit find regimes that are there, find none that are not, and
 * do so better than rivals that are given the number of regimes?
 *
 * For each seed, each set is drawn and fitted, and every peer fits it in a separate process. Fits
 * of generated sets are judged with every seed, and those with regimes repeated with a share of the
 * training targets corrupted; of other sets that is done with the first seed alone. Large sets are
 * fitted once.
 */
import type { AccurateOptions, Executor, FitOptions } from "../../mixture/index.ts";
import { nowMs } from "../../shared/clock.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { type Progress, within } from "../../shared/progress.ts";
import { type BenchDocument, benchDocument } from "../figures.ts";
import { finishRows } from "../finished.ts";
import { type AbsentPeer, PEERS_FOLDER } from "../peer-process.ts";
import { fitAccurate } from "./accurate.ts";
import { regimeFigures } from "./figures.ts";
import { fitCase } from "./fit.ts";
import { type GateSpeed, timeGates } from "./gates.ts";
import {
  askPeer,
  type KeptAnswer,
  type PeerOutcome,
  type RegimePeer,
  type RegimePeersOptions,
  startRegimePeers,
} from "./peers.ts";
import {
  corruptCase,
  createCase,
  isGenerated,
  isLarge,
  isRoutable,
  type RegimeCase,
} from "./sets.ts";
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
  /** The rival that is ours; null leaves it out. */
  readonly accurate: AccurateOptions | null;
  /** Whether to time a row's way through each kind of gate. */
  readonly gates: boolean;
  /** What peers of the same versions said of the same data: not asked again. */
  readonly answered: readonly KeptAnswer[];
  /** Told of every answer when it has come. */
  readonly onAnswered: (answer: KeptAnswer) => Promise<void>;
  /** Rows that an earlier run finished: not run again. */
  readonly finished: readonly RegimeRow[];
  /** Told of every row when it is finished. */
  readonly onFinished: (row: RegimeRow) => Promise<void>;
}

export interface RegimesMeasurements {
  readonly rows: readonly RegimeRow[];
  readonly summaries: readonly SetSummary[];
  readonly gates: readonly GateSpeed[];
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
    const wanted = sets.flatMap((set) =>
      (isLarge(set) ? seeds.slice(0, 1) : seeds).map((seed) => ({ set, seed })),
    );
    const rows = await runRows(wanted, field, options, executor, progress);
    const summaries = summariseSets(rows);
    const gates = options.gates ? await timeGates(executor) : [];
    return benchDocument({
      bench: "regimes",
      command: options.command,
      versions,
      measurements: { rows, summaries, gates, absent: field.absent },
      figures: regimeFigures(rows, summaries, gates),
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
  const startMs = nowMs();
  const measure = async ({ set, seed }: Wanted, done: number, left: number): Promise<RegimeRow> => {
    const timeLeft = leftInWords(nowMs() - startMs, done, left);
    const report = within(progress, done / left, (done + 1) / left);
    const naming: Progress = (stage, part) =>
      report(`${set}, seed ${seed}: ${stage}${timeLeft}`, part);
    const drawnCase = await createCase(set, { seed, nRows, mirror: options.mirror });
    const isFirst = seed === options.seeds[0];
    return runRow(drawnCase, { ...options, field, nRows, isFirst }, executor, naming);
  };
  return finishRows(wanted, { knownOf, measure, onFinished });
}

/** Empty until one row is done. */
function leftInWords(spentMs: number, done: number, left: number): string {
  if (done === 0) return "";
  return `, about ${Math.ceil(((spentMs / done) * (left - done)) / 60_000)} min left`;
}

interface RowTask
  extends Pick<RegimesOptions, "fit" | "accurate" | "answered" | "onAnswered" | "nRows"> {
  readonly field: Field;
  readonly isFirst: boolean;
}

async function runRow(
  own: RegimeCase,
  task: RowTask,
  executor: Executor,
  progress: Progress,
): Promise<RegimeRow> {
  const { set, seed, truth } = own;
  const { fit, accurate, isFirst } = task;
  const fitted = (one: RegimeCase, judged: boolean, from: number, to: number) =>
    fitCase(one, { fit, judged }, executor, within(progress, from, to));
  const isSmall = !isLarge(set);
  const clean = await fitted(own, isFirst || isGenerated(set) || !isRoutable(set), 0, 0.4);
  const isCorrupted = isSmall && (isFirst || (isGenerated(set) && isRoutable(set)));
  const worse = corruptCase(own, CORRUPTED_SHARE);
  const corrupted = isCorrupted ? await fitted(worse, false, 0.4, 0.6) : null;
  const isCompared = isSmall && isRoutable(set) && truth !== null;
  const isRival = isCompared && isFirst && isGenerated(set) && accurate !== null;
  const rival = within(progress, 0.6, 0.8);
  return {
    set,
    seed,
    nRows: task.nRows,
    nTrain: own.train.y.length,
    nTest: own.test.y.length,
    trueRegimes: truth?.nRegimes ?? null,
    clean,
    corrupted,
    accurate: isRival ? await fitAccurate(own, accurate, executor, rival) : null,
    peers: isCompared ? await askPeers(own, task, progress) : [],
  };
}

/** All at once: CPU time is counted by process. Modifies the field. */
async function askPeers(
  own: RegimeCase,
  { field, nRows, answered, onAnswered }: RowTask,
  progress: Progress,
): Promise<readonly PeerOutcome[]> {
  progress("peers", 0.8);
  const { set, seed } = own;
  return Promise.all(
    field.present.map(async (peer): Promise<PeerOutcome> => {
      const { name, versions } = peer;
      const kept = answered.find(
        (one) =>
          one.set === set &&
          one.seed === seed &&
          one.nRows === nRows &&
          one.outcome.name === name &&
          Object.entries(versions).every(([part, version]) => one.versions[part] === version),
      );
      if (kept !== undefined) return kept.outcome;
      try {
        const outcome = await askPeer(peer, own);
        await onAnswered({ set, seed, nRows, versions, outcome });
        return outcome;
      } catch (error) {
        if (!(error instanceof BailiwickError)) throw error;
        field.present = field.present.filter((other) => other !== peer);
        field.absent = [...field.absent, { name, absent: error.message }];
        return { name, failed: error.message };
      }
    }),
  );
}
