/**
 * Goal: a plant's processes reach the fabric through a leaf node, whose hub keeps the state.
 * Method: two NATS servers as the docs have them; a node and a router at each; the hub is killed.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectNats } from "../../src/cluster/fabric/index.ts";
import { predictMatrix } from "../../src/mixture/index.ts";
import { until } from "../cluster/fabric/conformance.ts";
import { freePort, type NatsServer, startNats } from "../cluster/fabric/nats-server.ts";
import {
  type Cluster,
  engine,
  makeBundle,
  openCluster,
  someRows,
} from "../cluster/router/cluster.ts";

let hub: NatsServer;
let leaf: NatsServer;
let centre: Cluster;
let plant: Cluster;

function startLeaf(port: number): Promise<NatsServer> {
  const remote = `leafnodes { remotes: [{ url: "nats://127.0.0.1:${port}" }] }`;
  return startNats(`server_name: leaf\ndefault_js_domain { "$G": "hub" }\n${remote}`, null);
}

beforeAll(async () => {
  const port = await freePort();
  hub = await startNats(
    `server_name: hub\nleafnodes { listen: "127.0.0.1:${port}" }`,
    ", domain: hub",
  );
  leaf = await startLeaf(port);
  const at =
    ({ url }: NatsServer) =>
    () =>
      connectNats({ url, name: "test" });
  centre = await openCluster(at(hub));
  // The servers need a moment to find each other.
  await until(() =>
    at(leaf)().then(
      (fabric) => fabric.close().then(() => true),
      () => false,
    ),
  );
  plant = await openCluster(at(leaf));
});

afterAll(async () => {
  await plant.close();
  await centre.close();
  await leaf.stop();
  await hub.stop();
});

test("nodes on both sides answer routers on both sides, also after the hub was away", async () => {
  await plant.node("a", { zone: "plant" });
  await centre.node("b", { zone: "centre" });
  const bundle = await makeBundle();
  const X = someRows(50);
  const alone = `${[...predictMatrix(engine, bundle.model, X).values]}`;
  const isWhole = async ({ router }: Cluster): Promise<boolean> => {
    const answer = await router.predict(bundle, X).catch(() => null);
    return answer !== null && !answer.degraded && `${[...answer.values]}` === alone;
  };
  for (const { router } of [centre, plant]) {
    expect(await router.publish("m", [bundle], 10_000)).toBe(true);
  }
  expect([await isWhole(centre), await isWhole(plant)]).toEqual([true, true]);
  await hub.kill();
  await until(async () => !(await isWhole(plant)));
  await hub.start();
  for (const cluster of [centre, plant]) await until(() => isWhole(cluster));
});

test("a server without streams and without a hub is refused, and told so", async () => {
  const alone = await startLeaf(await freePort());
  try {
    await expect(connectNats({ url: alone.url, name: "test" })).rejects.toMatchObject({
      code: "FABRIC_VERSION",
      message: expect.stringContaining("or be a leaf node of one that does"),
    });
  } finally {
    await alone.stop();
  }
});
