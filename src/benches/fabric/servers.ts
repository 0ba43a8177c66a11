/** What users of a cluster of NATS servers see while each of them is killed and comes back. */
import { createWasmEngine } from "../../experts/index.ts";
import { type Figure, judgeFigure } from "../figures.ts";
import type { CommandLine } from "../serving/process.ts";
import {
  type ClusterBench,
  connectSoon,
  delay,
  type NatsProcess,
  openCluster,
  startNatsProcesses,
  until,
} from "./cluster.ts";
import { writeOn } from "./cluster-faults.ts";
import { type LoadSummary, runLoad, summariseLoad } from "./cluster-load.ts";

export interface ServersMeasurements {
  readonly nServers: number;
  readonly load: LoadSummary;
  readonly nAcknowledged: number;
  readonly nLost: number;
}

const N_SERVERS = 3;
const CONCURRENCY = 4;
/** Longer than the others take to choose leaders, and than one takes to have what it missed. */
const [AWAY_MS, BACK_MS] = [15_000, 15_000];

/** Cost: two minutes. @returns null outside a checkout. */
export async function runServers(serve: CommandLine): Promise<ServersMeasurements | null> {
  const servers = await startNatsProcesses(N_SERVERS);
  if (servers === null) return null;
  const engine = await createWasmEngine();
  try {
    const url = servers.map((server) => server.url).join(",");
    await waitForStreams(url);
    return await killInTurn(servers, { serve, engine, server: { ...servers[0]!, url } });
  } finally {
    await engine.close();
    await Promise.all(servers.map((server) => server.close()));
  }
}

/** A cluster keeps streams when its servers have found each other. */
async function waitForStreams(url: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const fabric = await connectSoon(url, "bench");
    try {
      await fabric.bucket("homes");
      return;
    } catch (error) {
      if (attempt >= 30) throw error;
      await delay(500);
    } finally {
      await fabric.close();
    }
  }
}

async function killInTurn(
  servers: readonly NatsProcess[],
  bench: ClusterBench,
): Promise<ServersMeasurements> {
  const cluster = await openCluster(bench, {
    nodes: [{ name: "a" }, { name: "b" }],
    recombination: "smooth",
    router: { replicas: 2 },
  });
  try {
    await until(() =>
      Object.values(cluster.router.directory.homes()).every((homes) => homes.length === 2),
    );
    let hasEnded = false;
    const isOver = (): boolean => hasEnded;
    const load = runLoad(cluster, bench.engine, { concurrency: CONCURRENCY, isOver });
    const writing = writeOn(bench, isOver);
    for (const server of servers) {
      await server.kill();
      await delay(AWAY_MS);
      server.start();
      await delay(BACK_MS);
    }
    hasEnded = true;
    const nServers = servers.length;
    return { nServers, load: summariseLoad(await load), ...(await writing) };
  } finally {
    await cluster.close();
  }
}

/** @param measured - null where no servers could be had: then nothing is claimed. */
export function serversFigures(measured: ServersMeasurements | null): readonly Figure[] {
  const absent = measured === null ? "; not measured: it runs from a checkout" : "";
  const load = measured?.load ?? null;
  const nBad = load === null ? null : load.nFailed + load.nDegraded + load.nWrong;
  const kills = `while each of ${measured?.nServers ?? N_SERVERS} servers is killed in its turn`;
  return [
    judgeFigure(
      {
        name: "servers.failed-requests",
        value: nBad,
        unit: "",
        how: `of ${load?.nRequests ?? 0}, failed, degraded or with other bits, ${kills}${absent}`,
      },
      { atMost: 0 },
    ),
    judgeFigure(
      {
        name: "servers.lost-changes",
        value: measured?.nLost ?? null,
        unit: "",
        how: `of ${measured?.nAcknowledged ?? 0} acknowledged ones, ${kills}${absent}`,
      },
      { atMost: 0 },
    ),
  ];
}
