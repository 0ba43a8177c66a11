/**
 * Goal: with three NATS servers no request fails and no acknowledged change is lost while one of
 * them is killed and comes back.
 * Method: the commands run on a cluster; each server is killed in its turn while a client asks
 * without a pause and another changes the state as fast as it is acknowledged.
 */
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectNats, type Fabric } from "../../src/cluster/fabric/index.ts";
import { until } from "../cluster/fabric/conformance.ts";
import { type NatsServer, startNatsCluster } from "../cluster/fabric/nats-server.ts";
import {
  ask,
  type FabricCommands,
  installFabricCommands,
  rowsAndAnswers,
  type Served,
} from "./fabric-process.ts";

/** How long each server is away: longer than the others take to choose leaders. */
const AWAY_MS = 10_000;

let servers: readonly NatsServer[];
let url: string;
let commands: FabricCommands;
let served: Served;
let fabric: Fabric;
let rows: readonly object[];
let values: readonly number[];
beforeAll(async () => {
  servers = await startNatsCluster();
  url = servers.map((server) => server.url).join(",");
  commands = installFabricCommands();
  for (const name of ["a", "b"]) await commands.startNode(url, name);
  served = await commands.serve(url, "audit.jsonl", "--replicas", "2");
  fabric = await connectNats({ url, name: "test" });
  ({ rows, values } = await rowsAndAnswers(commands.command.folder, 20));
  await until(async () => (await wrongness()) === null, 60_000);
});
afterAll(async () => {
  await fabric?.close();
  commands?.remove();
  for (const server of servers) await server.stop();
});

/** What is wrong with an answer; null if nothing is. */
async function wrongness(): Promise<string | null> {
  const { status, json } = await ask(served.origin, { rows });
  if (status !== 200) return `${status}: ${json.error}`;
  if (json.degraded === true) return "degraded";
  return json.predictions?.join() === values.join() ? null : "other bits";
}

test("every bucket, the blobs and the jobs are kept by three servers", async () => {
  const nc = await connect({ servers: servers[0]!.url });
  const { streams } = await jetstreamManager(nc);
  const copies: Record<string, number> = {};
  for await (const { config } of streams.list()) copies[config.name] = config.num_replicas;
  await nc.close();
  expect(Object.values(copies)).toEqual(Object.values(copies).map(() => 3));
  expect(Object.keys(copies)).toEqual(
    expect.arrayContaining(["KV_bailiwick_homes", "KV_bailiwick_nodes", "bailiwick_blobs"]),
  );
});

test("no request fails and no acknowledged change is lost while each server is killed", async () => {
  const terms = await fabric.bucket("terms");
  let [place, since] = [0, performance.now()];
  const wrong: string[] = [];
  const acknowledged: number[] = [];
  let [nAsked, nChanged, isOver] = [0, 0, false];
  const asking = (async () => {
    while (!isOver) {
      const what = await wrongness();
      nAsked += 1;
      if (what !== null)
        wrong.push(`${place} +${Math.round((performance.now() - since) / 1000)} s: ${what}`);
    }
  })();
  const changing = (async () => {
    for (let i = 0; !isOver; i++) {
      const value = new TextEncoder().encode(JSON.stringify({ term: 0 }));
      const revision = await terms.put(`probe.${i}`, value).catch(() => null);
      if (revision === null) continue;
      acknowledged.push(i);
      nChanged += 1;
    }
  })();
  for (const [i, server] of servers.entries()) {
    [place, since] = [i, performance.now()];
    await server.kill();
    await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
    await server.start();
    // The next may go when two others keep what this one has missed.
    await until(() => areWhole(), 60_000);
  }
  isOver = true;
  await Promise.all([asking, changing]);
  process.stdout.write(`cluster: ${nAsked} requests, ${nChanged} changes acknowledged\n`);
  const tally = new Map<string, number>();
  for (const one of wrong) tally.set(one, (tally.get(one) ?? 0) + 1);
  expect(Object.fromEntries(tally)).toEqual({});
  const there = new Set(await terms.keys());
  expect(acknowledged.filter((i) => !there.has(`probe.${i}`))).toEqual([]);
  expect(Math.min(nAsked, nChanged)).toBeGreaterThan(100);
});

/** Whether every stream has three copies that have all of it. */
async function areWhole(): Promise<boolean> {
  const nc = await connect({ servers: servers.map((server) => server.url) });
  try {
    const { streams } = await jetstreamManager(nc);
    for await (const { cluster } of streams.list()) {
      const replicas = cluster?.replicas ?? [];
      if (cluster?.leader === undefined || replicas.length < 2) return false;
      if (!replicas.every(({ current, offline }) => current && offline !== true)) return false;
    }
    return true;
  } catch {
    return false;
  } finally {
    await nc.close();
  }
}
