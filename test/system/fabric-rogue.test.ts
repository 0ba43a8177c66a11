/** A node that does whatever the example configuration of a server lets it do. */
import { readFileSync } from "node:fs";
import { AckPolicy, type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { connect, headers, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectNats, type Fabric } from "../../src/cluster/fabric/index.ts";
import { until } from "../cluster/fabric/conformance.ts";
import { type NatsServer, startNats } from "../cluster/fabric/nats-server.ts";
import { type Cluster, makeBundle, openCluster } from "../cluster/router/cluster.ts";

const EXAMPLE = new URL("../../docs/deploy/nats-server.conf", import.meta.url);
const OTHERS = "bailiwick.zone.us.node.b.command";
const HOMES = "$KV.bailiwick_homes.homes";

let server: NatsServer;
let cluster: Cluster;
/** The rogue node eu.a, and the server's state as a router sees it. */
let rogue: NatsConnection;
let router: NatsConnection;
let manager: JetStreamManager;
let hashes: readonly string[];
const heard: string[] = [];

const asUser = (user: string, password: string): Promise<Fabric> =>
  connectNats({
    url: server.url.replace("//", `//${user}:${password}@`),
    name: user,
    inboxPrefix: `_INBOX_node-${user}`,
  });

beforeAll(async () => {
  const text = readFileSync(EXAMPLE, "utf8");
  server = await startNats(text.replace(/^listen.*$/m, "").replace(/^jetstream \{[^}]*\}/m, ""));
  const servers = server.url.replace("nats://", "");
  router = await connect({ servers, user: "router", pass: "ROUTER_PASSWORD" });
  manager = await jetstreamManager(router);
  let nConnections = 0;
  // The first connection is the router's and the placer's, the second the node's.
  const connections = (): Promise<Fabric> =>
    nConnections++ === 0 ? asUser("router", "ROUTER_PASSWORD") : asUser("us-b", "OTHER_PASSWORD");
  cluster = await openCluster(connections);
  await cluster.node("b", { zone: "us" });
  const bundle = await makeBundle();
  expect(await cluster.router.publish("m", [bundle], 10_000)).toBe(true);
  hashes = bundle.manifest.members[0]!.experts.map(({ blob }) => blob);
  await cluster.fabric.jobs.add("train.us.b", "j", new Uint8Array(1));
  await cluster.fabric.jobs.add("train.eu.a", "j", Uint8Array.of(1));
  rogue = await connect({ servers, user: "eu-a", pass: "NODE_PASSWORD" });
  for (const subject of ["bailiwick.>", OTHERS]) {
    const hear = (_: Error | null, msg: { readonly subject: string }): void => {
      heard.push(msg.subject);
    };
    rogue.subscribe(subject, { callback: hear });
  }
  await rogue.flush();
});
afterAll(async () => {
  await rogue?.close();
  await router?.close();
  await cluster?.close();
  await server?.stop();
});

async function streamNames(): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { config } of manager.streams.list()) names.push(config.name);
  return names.sort();
}

/** Everything but the announcements and the lease, which their owners renew. */
async function stateOfStreams(): Promise<unknown> {
  const states: unknown[] = [];
  for (const name of await streamNames()) {
    if (/nodes|leases/.test(name)) continue;
    const { config, state } = await manager.streams.info(name);
    const consumers: string[] = [];
    for await (const consumer of manager.consumers.list(name)) {
      const { config } = consumer;
      if (config.durable_name !== undefined) consumers.push(JSON.stringify(config));
    }
    states.push({ config, messages: state.messages, last: state.last_seq, consumers });
  }
  return states;
}

/** What the server answers; null if nothing does. */
async function ask(subject: string, body: object | string = ""): Promise<string | null> {
  const payload = typeof body === "string" ? body : JSON.stringify(body);
  const answer = await rogue.request(subject, payload, { timeout: 300 }).catch(() => null);
  return answer === null || (answer.headers?.code ?? 0) >= 300 ? null : answer.string();
}

test("it makes no consumer, pulled or pushed, and changes no stream, whatever it asks for", async () => {
  const before = await stateOfStreams();
  const streams = await streamNames();
  expect(streams.length).toBeGreaterThanOrEqual(6);
  const pushed = { deliver_subject: OTHERS, ack_policy: AckPolicy.None, deliver_policy: "all" };
  const answers: (string | null)[] = [];
  for (const stream of streams) {
    const config = { stream_name: stream, config: { ...pushed, durable_name: "x", name: "x" } };
    const pulled = { stream_name: stream, config: { durable_name: "x", name: "x" } };
    const asked = [
      ...[config, pulled].flatMap((body) =>
        [
          `CONSUMER.CREATE.${stream}`,
          `CONSUMER.CREATE.${stream}.x`,
          `CONSUMER.CREATE.${stream}.x.>`,
          `CONSUMER.DURABLE.CREATE.${stream}.x`,
          `CONSUMER.CREATE.${stream}.train-eu-a.bailiwick.jobs.train.eu.a`,
        ].map((what) => [what, body] as const),
      ),
      ...["DELETE", "PURGE", "UPDATE", "SNAPSHOT", "LEADER.STEPDOWN", "RESTORE", "CREATE"].map(
        (what) => [`STREAM.${what}.${stream}`, { name: stream, deliver_subject: OTHERS }] as const,
      ),
      [`STREAM.MSG.DELETE.${stream}`, { seq: 1 }] as const,
      [`CONSUMER.DELETE.${stream}.train-us-b`, {}] as const,
      [`CONSUMER.PAUSE.${stream}.train-us-b`, { pause_until: "2100-01-01T00:00:00Z" }] as const,
      [`CONSUMER.MSG.NEXT.${stream}.train-us-b`, { batch: 1, expires: 1e8 }] as const,
    ];
    const all = asked.map(([what, body]) => ask(`$JS.API.${what}`, body));
    answers.push(...(await Promise.all(all)));
  }
  expect(answers.filter((answer) => answer !== null)).toEqual([]);
  expect(await stateOfStreams()).toEqual(before);
});

test("it reads the experts of its zone and those of no other, by whatever way", async () => {
  const [hash] = hashes;
  await cluster.fabric.blobs.put("own", "eu", new TextEncoder().encode("mine"));
  const direct = "$JS.API.DIRECT.GET.bailiwick_blobs";
  expect(await ask(`${direct}.bailiwick.blobs.eu.own.0`)).toBe("mine");
  const others = ["us", "=", "*", ">"].map((zone) => `bailiwick.blobs.${zone}.${hash}.0`);
  const queries = others.flatMap((subject) => [
    { last_by_subj: subject },
    { next_by_subj: subject, seq: 1 },
    { multi_last: [subject] },
  ]);
  const bodies = [...queries, { seq: 1 }, { seq: 2 }, { batch: 10, seq: 1 }];
  const answers = await Promise.all([
    ...others.map((subject) => ask(`${direct}.${subject}`)),
    ...bodies.flatMap((body) => [
      ask(direct, body),
      ask("$JS.API.STREAM.MSG.GET.bailiwick_blobs", body),
      ask(`${direct}.bailiwick.blobs.eu.own.0`, body),
      ask("$JS.API.STREAM.MSG.GET.KV_bailiwick_models", body),
    ]),
    ask(`${direct}.bailiwick.blobs.eu.${hash}.0`),
    ask("$JS.API.STREAM.INFO.bailiwick_blobs", { subjects_filter: ">" }),
  ]);
  expect(answers.filter((answer) => answer !== null && answer !== "mine")).toEqual([]);
  // The node that has the experts reads them.
  const us = await asUser("us-b", "OTHER_PASSWORD");
  expect(await us.blobs.get(hash!, "us")).not.toBeNull();
  await expect(us.blobs.get("own", "eu")).rejects.toMatchObject({ code: "FABRIC_UNAVAILABLE" });
  await us.close();
});

test("no answer to it reaches a subject or a bucket of others", async () => {
  const before = await stateOfStreams();
  const seen: string[] = [];
  router.subscribe(">", {
    callback: (_, { subject, data }) => {
      const isOthers = subject.startsWith("bailiwick.zone") || subject.startsWith("$KV");
      if (isOthers && new TextDecoder().decode(data).includes("io.nats")) seen.push(subject);
    },
  });
  await router.flush();
  const allowed = [
    "$JS.API.INFO",
    "$JS.API.STREAM.INFO.KV_bailiwick_nodes",
    "$JS.API.STREAM.MSG.GET.KV_bailiwick_nodes",
    "$JS.API.DIRECT.GET.bailiwick_blobs.bailiwick.blobs.eu.own.0",
    "$JS.API.STREAM.INFO.bailiwick_jobs",
    "$JS.API.CONSUMER.INFO.bailiwick_jobs.train-eu-a",
    "$KV.bailiwick_nodes.eu.a",
    "bailiwick.run.0123456789abcdef.eu.a.task",
  ];
  const victims = [OTHERS, HOMES, "$KV.bailiwick_nodes.us.b", `bailiwick.blobs.us.${hashes[0]}.0`];
  for (const subject of allowed) {
    for (const reply of victims) rogue.publish(subject, "", { reply });
  }
  for (const subject of victims) rogue.publish(subject, "io.nats", { headers: headers() });
  // Its requests are done in their order: this answer comes after all others.
  expect(await ask("$JS.API.INFO")).toContain("account_info");
  await router.flush();
  expect(seen).toEqual([]);
  expect(await stateOfStreams()).toEqual(before);
  // It hears what it says itself, in its account.
  const said = new Set([...victims, ...allowed]);
  expect(heard.filter((subject) => !said.has(subject))).toEqual([]);
});

test("it announces itself, and takes no other node's announcement away", async () => {
  const nodes = await cluster.fabric.bucket("nodes");
  const rollup = headers();
  rollup.set("Nats-Rollup", "all");
  await rogue.request("$KV.bailiwick_nodes.eu.a", "{}", { timeout: 1000, headers: rollup });
  expect(await nodes.get("us.b")).not.toBeNull();
  await rogue.request("$KV.bailiwick_nodes.eu.a", "{}", { timeout: 1000 });
  await until(() => nodes.get("eu.a"));
  expect(await nodes.get("us.b")).not.toBeNull();
});

test("it gets the jobs of its queue alone", async () => {
  const next = "$JS.API.CONSUMER.MSG.NEXT.bailiwick_jobs";
  const options = { timeout: 1000, noMux: true };
  const ours = await rogue.request(`${next}.train-eu-a`, '{"batch":1}', options);
  expect([ours.subject, ...ours.data]).toEqual(["bailiwick.jobs.train.eu.a", 1]);
  await expect(rogue.request(`${next}.train-us-b`, '{"batch":1}', options)).rejects.toThrow();
});
