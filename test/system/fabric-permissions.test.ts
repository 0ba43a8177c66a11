/** The example configuration of a server: a node can do its work with it, and speaks for itself. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectNats, EMPTY, type Fabric } from "../../src/cluster/fabric/index.ts";
import { startNode } from "../../src/cluster/nodes/index.ts";
import { createFabricExecutor, startTrainer } from "../../src/cluster/training/index.ts";
import { createReferenceEngine, createWasmEngine } from "../../src/experts/index.ts";
import { createInlineExecutor, predictMatrix } from "../../src/mixture/index.ts";
import { until } from "../cluster/fabric/conformance.ts";
import { type NatsServer, startNats } from "../cluster/fabric/nats-server.ts";
import { engine, makeBundle, openCluster, someRows } from "../cluster/router/cluster.ts";
import { specialistLike } from "../cluster/training/task.ts";

const EXAMPLE = new URL("../../docs/deploy/nats-server.conf", import.meta.url);

/** Subjects that the node may hear and publish. */
const LAST_FOR_NODE = "bailiwick.zone.eu.node.a.last";
const LAST_OF_NODE = "bailiwick.run.r.eu.a.last";

let server: NatsServer;
beforeAll(async () => {
  const text = readFileSync(EXAMPLE, "utf8");
  // The test's own port and folder.
  const more = text.replace(/^listen.*$/m, "").replace(/^jetstream \{[^}]*\}/m, "");
  server = await startNats(more);
});
afterAll(() => server.stop());

function connect(user: string, password: string): Promise<Fabric> {
  const url = server.url.replace("//", `//${user}:${password}@`);
  return connectNats({ url, name: user, inboxPrefix: `_INBOX_node-${user}` });
}
const asRouter = (): Promise<Fabric> => connect("router", "ROUTER_PASSWORD");
const asNode = (): Promise<Fabric> => connect("eu-a", "NODE_PASSWORD");

test("a stranger and a wrong password are not let in, and no password is in the message", async () => {
  for (const url of [server.url, server.url.replace("//", "//eu-a:hunter2@")]) {
    const error = await connectNats({ url, name: "x" }).catch((own: Error) => own);
    expect(error).toMatchObject({ code: "FABRIC_UNAVAILABLE" });
    expect(String(error)).not.toContain("hunter2");
  }
});

test("a training node on a new server waits for the router that prepares it, and trains", async () => {
  const fabric = await asNode();
  const said: string[] = [];
  const training = await createWasmEngine({ threads: 2 });
  const stop = await startTrainer(fabric, { name: "a", zone: "eu", engine: training });
  const options = { name: "a", zone: "eu", memoryBytes: 1e6, engine: createReferenceEngine() };
  const more = { trains: true, log: (line: string) => said.push(line) };
  const joining = startNode(fabric, { ...options, ...more });
  await until(() => said.some((line) => line.includes("waiting for a router")));
  const router = await asRouter();
  const executor = await createFabricExecutor(router, { engine: await createWasmEngine() });
  const node = await joining;
  expect(node.key).toBe("eu.a");
  expect(said).toHaveLength(1);
  const { matrix, task } = specialistLike();
  await until(async () => {
    await executor.train(matrix, [task]);
    return executor.moved().nTasks > 0;
  });
  await executor.close();
  await node.close();
  await stop();
  await training.close();
  await Promise.all([fabric.close(), router.close()]);
});

test("the node joins, holds experts, answers and trains", async () => {
  const cluster = await openCluster(asRouter, { router: { zone: "eu" } });
  const fabric = await asNode();
  await asRouter().then(async (own) => {
    await own.jobs.purge("train.eu.a");
    await own.close();
  });
  const node = await startNode(fabric, {
    name: "a",
    zone: "eu",
    memoryBytes: 1e6,
    engine: createReferenceEngine(),
    trains: true,
  });
  const training = await createWasmEngine({ threads: 2 });
  const stop = await startTrainer(fabric, { name: "a", zone: "eu", engine: training });
  const runFabric = await asRouter();
  const executor = await createFabricExecutor(runFabric, { engine: await createWasmEngine() });
  try {
    const bundle = await makeBundle();
    expect(await cluster.router.publish("m", [bundle], 10_000)).toBe(true);
    const X = someRows(20);
    const { values, degraded } = await cluster.router.predict(bundle, X);
    const alone = predictMatrix(engine, bundle.model, X).values;
    expect([degraded, ...values]).toEqual([false, ...alone]);

    const { matrix, task } = specialistLike();
    const here = createInlineExecutor(await createWasmEngine());
    await until(() => executor.moved().nTasks >= 0);
    const [there] = await executor.train(matrix, [task]);
    const [own] = await here.train(matrix, [task]);
    expect(executor.moved()).toMatchObject({ nTasks: 1 });
    expect(there).toEqual(own);
    await here.close();
  } finally {
    await executor.close();
    await runFabric.close();
    await stop();
    await training.close();
    await node.close();
    await fabric.close();
    await cluster.close();
  }
});

test("the node hears nothing of other nodes and zones, and cannot speak for them", async () => {
  const [router, node] = [await asRouter(), await asNode()];
  const heard: string[] = [];
  for (const subject of [
    "bailiwick.zone.eu.node.b.>",
    "bailiwick.zone.us.node.a.>",
    "bailiwick.zone.>",
    "bailiwick.run.>",
    "bailiwick.telemetry",
    "_INBOX_node-router.>",
    ">",
  ]) {
    await node.listen(subject, (message) => heard.push(message.subject)).catch(() => undefined);
  }
  const others = ["bailiwick.zone.eu.node.b.command", "bailiwick.zone.us.node.a.expert.x"];
  for (const subject of others) router.publish(subject, EMPTY);
  await node.listen(LAST_FOR_NODE, ({ subject }) => heard.push(subject));
  router.publish(LAST_FOR_NODE, EMPTY);
  await until(() => heard.includes(LAST_FOR_NODE));
  expect(heard.filter((subject) => others.includes(subject))).toEqual([]);

  const seen: string[] = [];
  await router.listen("bailiwick.>", ({ subject }) => seen.push(subject));
  for (const subject of [...others, "bailiwick.telemetry", "bailiwick.run.r.eu.b.rows"]) {
    node.publish(subject, EMPTY);
  }
  // What one connection sends arrives in its order: this one is allowed, and comes last.
  node.publish(LAST_OF_NODE, EMPTY);
  await until(() => seen.includes(LAST_OF_NODE));
  expect(seen).toEqual([LAST_OF_NODE]);
  await Promise.all([router.close(), node.close()]);
});

test("the node cannot write a plan, a lease, an expert, or another's announcement", async () => {
  const [router, node] = [await asRouter(), await asNode()];
  for (const [name, key] of [
    ["homes", "homes"],
    ["terms", "placer"],
    ["leases", "placer"],
    ["models", "m"],
    ["nodes", "eu.b"],
  ] as const) {
    const bucket = await router.bucket(name);
    const before = await bucket.get(key);
    await expect(
      node.bucket(name).then((own) => own.put(key, new Uint8Array(1))),
    ).rejects.toMatchObject({ code: "FABRIC_UNAVAILABLE" });
    expect((await bucket.get(key))?.revision).toBe(before?.revision);
  }
  await Promise.all([router.close(), node.close()]);
});
