/**
 * Batches through a router and two nodes against a bare echo of the same messages by two bare
 * responders, in turns.
 */
import { join } from "node:path";
import type { Engine } from "../../experts/index.ts";
import { nowMs } from "../../shared/clock.ts";
import { PEERS_FOLDER, type PeerProcess, startPeerProcess } from "../peer-process.ts";
import { N_FEATURES, N_ROWS } from "../serving/workload.ts";
import { type ClusterBench, delay, openCluster } from "./cluster.ts";
import { runLoad, summariseLoad } from "./cluster-load.ts";

export interface ThroughputRound {
  /** Batches a second. */
  readonly ours: number;
  readonly echo: number;
}

const ROUNDS = 5;
const SECONDS = 3;
const CONCURRENCY = 16;
const N_EXPERTS = 4;

export async function measureThroughput(bench: ClusterBench): Promise<readonly ThroughputRound[]> {
  const cluster = await openCluster(bench, {
    nodes: [{ name: "a" }, { name: "b" }],
    recombination: "smooth",
  });
  const peer = (...args: readonly string[]): PeerProcess =>
    startPeerProcess("nats-echo", [
      process.execPath,
      join(PEERS_FOLDER, "nats-echo.mjs"),
      bench.server.url,
      ...args,
    ]);
  const responders = [peer("answer", "0"), peer("answer", "1")];
  const client = peer("ask");
  try {
    await Promise.all(responders.map((own) => own.ask({})));
    const rounds: ThroughputRound[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const ours = await batchesPerSecond(cluster, bench.engine);
      await delay(200);
      const { perSecond: echo } = (await client.ask({
        seconds: SECONDS,
        concurrency: CONCURRENCY,
        nMessages: N_EXPERTS,
        requestBytes: 4 * N_ROWS * N_FEATURES,
        headers: HEADERS,
      })) as { perSecond: number };
      rounds.push({ ours, echo });
    }
    return rounds;
  } finally {
    for (const connection of [...responders, client]) connection.close();
    await cluster.close();
  }
}

/** As long as those that a router sends. */
const HEADERS = {
  protocol: "1",
  expert: "m0.e0",
  version: "0".repeat(64),
  term: "1",
  columns: String(N_FEATURES),
};

async function batchesPerSecond(
  cluster: Parameters<typeof runLoad>[0],
  engine: Engine,
): Promise<number> {
  const started = nowMs();
  const isOver = (): boolean => nowMs() - started > 1000 * SECONDS;
  const answered = await runLoad(cluster, engine, { concurrency: CONCURRENCY, isOver });
  const { nRight } = summariseLoad(answered);
  return (1000 * nRight) / (nowMs() - started);
}
