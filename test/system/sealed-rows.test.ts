/**
 * Goal: no byte of sealed rows or their answers is read on the way, and nothing else changes.
 * Method: router and nodes over a NATS server, behind a relay that keeps all bytes; rows with marks
 * of their own, sealed and in clear; nodes with no key, a foreign key and an expired one.
 */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Capture, canariesIn, MARK, startCapture } from "../../src/benches/fabric/capture.ts";
import { NO_BORDERS, pinnedTo } from "../../src/cluster/borders/index.ts";
import { connectNats, type Fabric } from "../../src/cluster/fabric/index.ts";
import { createSigner } from "../../src/cluster/witness/index.ts";
import { predictMatrix } from "../../src/mixture/index.ts";
import type { Matrix } from "../../src/shared/matrix.ts";
import { until } from "../cluster/fabric/conformance.ts";
import { type NatsServer, startNats } from "../cluster/fabric/nats-server.ts";
import {
  type Cluster,
  engine,
  makeBundle,
  openCluster,
  someRows,
} from "../cluster/router/cluster.ts";
import { nodeSecret, zone } from "../cluster/seal/seals.ts";

const ROWS = 1000;
const BATCH = 50;

let server: NatsServer;
let capture: Capture;
let cluster: Cluster;

beforeEach(async () => {
  server = await startNats();
  capture = await startCapture(server.url);
  const connect = (): Promise<Fabric> => connectNats({ url: capture.url, name: "test" });
  const classes = new Map([
    ["patients", pinnedTo(["eu"], true)],
    ["anywhere", pinnedTo(null, true)],
  ]);
  const borders = { ...NO_BORDERS, zoneKeys: [zone.verifier], classes };
  cluster = await openCluster(connect, { router: { zone: "eu", borders } });
});

afterEach(async () => {
  await cluster.close();
  await capture.close();
  await server.stop();
});

/** Rows that carry the mark and their number. */
function marked(from: number): Matrix {
  const X = someRows(BATCH, 1 + from);
  for (let i = 0; i < BATCH; i++) X.values.set([MARK, from + i], i * X.nColumns);
  return X;
}

async function found(ask: (X: Matrix) => Promise<unknown>): Promise<number> {
  capture.take();
  for (let from = 0; from < ROWS; from += BATCH) await ask(marked(from));
  return canariesIn(capture.take(), ROWS).size;
}

test("no sealed row stands in the bytes that pass the server, every row in clear does", async () => {
  const { router, node } = cluster;
  for (const name of ["a", "b"]) {
    await node(name, { zone: "eu", sealKey: nodeSecret(zone, { node: `eu.${name}` }) });
  }
  const bundle = await makeBundle();
  expect(await router.publish("m", [bundle], 10_000)).toBe(true);
  for (const rowClass of ["patients", "anywhere"]) {
    expect(await found((X) => router.predict(bundle, X, rowClass))).toBe(0);
  }
  expect(await found((X) => router.predict(bundle, X))).toBe(ROWS);
  const X = someRows(200);
  const alone = [...predictMatrix(engine, bundle.model, X).values];
  const { values, degraded } = await router.predict(bundle, X, "patients");
  expect([degraded, ...values]).toEqual([false, ...alone]);
});

test("nodes without a key that their zone signed are not asked, and the log says why", async () => {
  const { router, node, fabric } = cluster;
  const said: string[] = [];
  fabric.refusals.onFirst((line) => said.push(line));
  const foreign = createSigner("log", "eu");
  await node("bare", { zone: "eu" });
  await node("foreign", { zone: "eu", sealKey: nodeSecret(foreign, { node: "eu.foreign" }) });
  const ended = { node: "eu.ended", now: "2020-01-01T00:00:00.000Z" };
  await node("ended", { zone: "eu", sealKey: nodeSecret(zone, ended) });
  const bundle = await makeBundle();
  await router.publish("m", [bundle], 10_000);
  const X = someRows(5);
  await expect(router.predict(bundle, X, "patients")).rejects.toMatchObject({
    code: "ZONE_UNAVAILABLE",
  });
  expect(said.join()).toContain("a node's key");
  expect((await router.predict(bundle, X)).values).toHaveLength(5);
});

test("sessions outlive a lost connection, and a node's next start", async () => {
  const { router, node, kill } = cluster;
  const sealKey = nodeSecret();
  await node("a", { zone: "eu", sealKey });
  const bundle = await makeBundle();
  expect(await router.publish("m", [bundle], 10_000)).toBe(true);
  const X = someRows(5);
  const alone = [...predictMatrix(engine, bundle.model, X).values];
  const isWhole = async (): Promise<boolean> => {
    const answer = await router.predict(bundle, X, "patients").catch(() => null);
    return answer !== null && !answer.degraded && `${[...answer.values]}` === `${alone}`;
  };
  expect(await isWhole()).toBe(true);
  await server.kill();
  await server.start();
  await until(isWhole);
  await kill("a");
  await node("a", { zone: "eu", sealKey });
  await until(isWhole);
});
