/** What the fabric bench sums up of a load, and what it claims of its figures. */
import { expect, test } from "vitest";
import { clusterFigures } from "../../../src/benches/fabric/cluster-figures.ts";
import { summariseLoad, wholeAfterMs } from "../../../src/benches/fabric/cluster-load.ts";

test("a load is summed up, and what a bench claims of it", () => {
  const at = (endMs: number, outcome: "right" | "degraded" | "wrong" | "failed") => ({
    startMs: 0,
    endMs,
    outcome,
  });
  const answered = [
    at(1, "right"),
    at(3, "degraded"),
    at(4, "right"),
    at(9, "failed"),
    at(10, "wrong"),
    at(12, "right"),
  ];
  const load = summariseLoad(answered);
  expect(load).toEqual({
    nRequests: 6,
    nRight: 3,
    nDegraded: 1,
    nWrong: 1,
    nFailed: 1,
    longestGapMs: 8,
  });
  expect([wholeAfterMs(answered, 2), wholeAfterMs(answered, 11)]).toEqual([8, 0]);
  expect(summariseLoad([]).longestGapMs).toBe(Number.POSITIVE_INFINITY);
  const moved = {
    rowBytes: 1,
    taskBytes: 1,
    resultBytes: 1,
    reshuffledRowBytes: 9,
    nTasks: 1,
    nRedelivered: 0,
    nTrainedHere: 0,
  };
  const measured = {
    throughput: [{ ours: 1, echo: 2 }],
    killReplica: { ...load, nFailed: 0, nDegraded: 0, nWrong: 0 },
    killSingle: { ...load, wholeMs: 100 },
    serverRestart: { local: load, remote: load, wholeMs: 100, nAcknowledged: 1, nLost: 0 },
    trainKill: { nRuns: 10, nIdentical: 10, nFinished: 10, nKills: 10 },
    shards: { ...moved, ratio: 0.3 },
    privacy: {
      nRequests: 1,
      nPinned: 1,
      nRefused: 0,
      nFailed: 0,
      nSeenInside: 0,
      nSeenOutside: 0,
      nKills: 1,
    },
    calibration: [{ hidden: 1, batchRows: 1, load: 0, predictedMs: 1, measuredMs: 2, error: 0.5 }],
  };
  const ok = Object.fromEntries(clusterFigures(measured).map((figure) => [figure.name, figure.ok]));
  expect(ok).toEqual({
    "fabric.throughput-vs-echo": true,
    "fabric.kill-replica.failed": true,
    "fabric.kill-replica.gap-ms": true,
    // An answer was wrong, a local row was not served, the listener saw nothing at all.
    "fabric.kill-single.whole-ms": false,
    "fabric.server-restart.whole-ms": false,
    "fabric.train-kill.identical": true,
    "fabric.shard-bytes-ratio": true,
    "fabric.zone-leaks": false,
    "fabric.simulation-error": false,
  });
  expect(clusterFigures(null).every(({ value, ok: own }) => value === null && own === null)).toBe(
    true,
  );
});
