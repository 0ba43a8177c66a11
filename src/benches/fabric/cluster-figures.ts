/** What the fabric bench claims of a real cluster. */
import { median } from "../../shared/statistics.ts";
import { type Figure, judgeFigure } from "../figures.ts";
import type { CalibrationRow } from "./cluster-calibration.ts";
import type { KilledSingle, RestartedServer } from "./cluster-faults.ts";
import type { LoadSummary } from "./cluster-load.ts";
import type { PrivacyRun } from "./cluster-privacy.ts";
import type { ThroughputRound } from "./cluster-throughput.ts";
import type { KilledTraining, ShardedTraining } from "./cluster-training.ts";

export interface ClusterMeasurements {
  readonly throughput: readonly ThroughputRound[];
  readonly killReplica: LoadSummary;
  readonly killSingle: KilledSingle;
  readonly serverRestart: RestartedServer;
  readonly trainKill: KilledTraining;
  readonly shards: ShardedTraining;
  readonly privacy: PrivacyRun;
  readonly calibration: readonly CalibrationRow[];
}

const THROUGHPUT =
  "batches of 64 rows through 4 experts on 2 nodes, a second ÷ those of a bare NATS echo of" +
  " the same messages, median of rounds in turns";
const KILL_SINGLE =
  "until every answer is whole again when one of two nodes is killed, each expert on one; " +
  "infinite if an answer was wrong and not marked";
const SERVER_RESTART =
  "from the start of a server that was killed until every answer is whole; infinite if a " +
  "row with a local expert was not served or an acknowledged change was lost";

/** @param measured - null where no server could be had: then nothing is claimed. */
export function clusterFigures(measured: ClusterMeasurements | null): readonly Figure[] {
  const absent = measured === null ? "; not measured: it runs from a checkout" : "";
  const figure = (
    name: string,
    unit: string,
    how: string,
    of: (own: ClusterMeasurements) => number,
    bound: Parameters<typeof judgeFigure>[1],
  ): Figure => {
    const value = measured === null ? null : of(measured);
    return judgeFigure({ name: `fabric.${name}`, value, unit, how: `${how}${absent}` }, bound);
  };
  return [
    figure(
      "throughput-vs-echo",
      "×",
      THROUGHPUT,
      ({ throughput }) => median(throughput.map(({ ours, echo }) => ours / echo)),
      { atLeast: 0.3 },
    ),
    figure(
      "kill-replica.failed",
      "requests",
      "failed, degraded or wrong when one of two nodes is killed, each expert on both",
      ({ killReplica: { nFailed, nDegraded, nWrong } }) => nFailed + nDegraded + nWrong,
      { atMost: 0 },
    ),
    figure(
      "kill-replica.gap-ms",
      "ms",
      "the longest time without an answer meanwhile",
      ({ killReplica }) => killReplica.longestGapMs,
      { atMost: 1000 },
    ),
    figure(
      "kill-single.whole-ms",
      "ms",
      KILL_SINGLE,
      ({ killSingle: { wholeMs, nWrong } }) => (nWrong > 0 ? Number.POSITIVE_INFINITY : wholeMs),
      { atMost: 5000 },
    ),
    figure(
      "server-restart.whole-ms",
      "ms",
      SERVER_RESTART,
      ({ serverRestart: { local, wholeMs, nLost } }) =>
        local.nRight < local.nRequests || nLost > 0 ? Number.POSITIVE_INFINITY : wholeMs,
      { atMost: 5000 },
    ),
    figure(
      "train-kill.identical",
      "runs",
      "of 10 runs with a trainer killed in each, those whose bundle is that of one process",
      ({ trainKill: { nIdentical, nKills, nRuns } }) => (nKills < nRuns ? 0 : nIdentical),
      { atLeast: 10 },
    ),
    figure(
      "shard-bytes-ratio",
      "×",
      "bytes of rows and nets moved by training four experts on two nodes ÷ those if every task" +
        " brought its rows",
      ({ shards }) => shards.ratio,
      { atMost: 0.56 },
    ),
    figure(
      "zone-leaks",
      "messages",
      "that carried a pinned row outside its zone, as a client sees that listens to everything;" +
        " nodes are killed meanwhile",
      ({ privacy: { nSeenInside, nSeenOutside } }) =>
        nSeenInside === 0 ? Number.POSITIVE_INFINITY : nSeenOutside,
      { atMost: 0 },
    ),
    figure(
      "simulation-error",
      "",
      "of the simulated answer time against the measured, the largest of all cases",
      ({ calibration }) => Math.max(...calibration.map(({ error }) => error)),
      { atMost: 0.25 },
    ),
  ];
}
