/** The fabric bench's part that needs a real server and real processes. */
import { createWasmEngine } from "../../experts/index.ts";
import type { Progress } from "../../shared/progress.ts";
import type { CommandLine } from "../serving/process.ts";
import { type ClusterBench, startNatsProcess } from "./cluster.ts";
import { calibrate } from "./cluster-calibration.ts";
import { killReplica, killSingle, restartServer } from "./cluster-faults.ts";
import type { ClusterMeasurements } from "./cluster-figures.ts";
import { watchPinnedRows } from "./cluster-privacy.ts";
import { measureThroughput } from "./cluster-throughput.ts";
import { killTrainers, measureShards } from "./cluster-training.ts";

export interface ClusterSizes {
  readonly nTrainings: number;
  readonly nRequests: number;
}

export const FULL_CLUSTER: ClusterSizes = { nTrainings: 10, nRequests: 100_000 };

export interface ClusterRun {
  readonly measurements: ClusterMeasurements;
  readonly versions: Readonly<Record<string, string>>;
}

/** @returns null outside of a checkout, where nothing finds a server. */
export async function benchCluster(
  serve: CommandLine,
  { nTrainings, nRequests }: ClusterSizes,
  progress: Progress,
): Promise<ClusterRun | null> {
  const server = await startNatsProcess();
  if (server === null) return null;
  const engine = await createWasmEngine();
  const bench: ClusterBench = { serve, engine, server };
  try {
    progress("throughput", 0);
    const throughput = await measureThroughput(bench);
    progress("calibration", 0.15);
    const calibration = await calibrate(bench);
    progress("a replica is killed", 0.3);
    const replica = await killReplica(bench);
    progress("a single node is killed", 0.35);
    const single = await killSingle(bench);
    progress("the server is killed", 0.4);
    const serverRestart = await restartServer(bench);
    progress("bytes of training", 0.45);
    const shards = await measureShards(bench);
    progress("trainers are killed", 0.55);
    const trainKill = await killTrainers(bench, nTrainings);
    progress("pinned rows", 0.8);
    const privacy = await watchPinnedRows(bench, nRequests);
    const measurements = {
      throughput,
      killReplica: replica,
      killSingle: single,
      serverRestart,
      trainKill,
      shards,
      privacy,
      calibration,
    };
    return { measurements, versions: { "nats-server": server.version } };
  } finally {
    await engine.close();
    await server.close();
  }
}
