/**
 * Goal: over TLS a fabric works as in clear, and lets in only who has a certificate of its authority.
 * Method: a NATS server that verifies clients; certificates of its authority and of another.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectNats, type Fabric } from "../../src/cluster/fabric/index.ts";
import { predictMatrix } from "../../src/mixture/index.ts";
import { type NatsServer, startNats } from "../cluster/fabric/nats-server.ts";
import { engine, makeBundle, openCluster, someRows } from "../cluster/router/cluster.ts";
import { type Authority, type Certificate, createAuthority } from "./certificates.ts";

const folder = mkdtempSync(join(tmpdir(), "bailiwick-tls-"));
let server: NatsServer;
let ours: Authority;
let foreign: Authority;
let client: Certificate;

beforeAll(async () => {
  ours = createAuthority(folder, "ours");
  foreign = createAuthority(folder, "foreign");
  client = ours.issue("client");
  const { cert, key } = ours.issue("server");
  server = await startNats(
    `tls { cert_file: "${cert}", key_file: "${key}", ca_file: "${ours.ca}", verify: true }`,
  );
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

interface Tls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

function connect(tls: Tls, host = "127.0.0.1"): Promise<Fabric> {
  return connectNats({ url: `tls://${host}:${server.port}`, name: "test", tls });
}

test("rows go to nodes and come back with the bits of one process", async () => {
  const cluster = await openCluster(() => connect({ ca: ours.ca, ...client }));
  try {
    await cluster.node("a");
    const bundle = await makeBundle();
    expect(await cluster.router.publish("m", [bundle], 10_000)).toBe(true);
    const X = someRows(50);
    const { values, degraded } = await cluster.router.predict(bundle, X);
    const alone = predictMatrix(engine, bundle.model, X).values;
    expect([degraded, ...values]).toEqual([false, ...alone]);
  } finally {
    await cluster.close();
  }
});

test("the connection is made again after the server was away", async () => {
  const fabric = await connect({ ca: ours.ca, ...client });
  try {
    await server.kill();
    await expect.poll(() => fabric.isConnected(), { timeout: 10_000 }).toBe(false);
    await server.start();
    await expect.poll(() => fabric.isConnected(), { timeout: 10_000 }).toBe(true);
  } finally {
    await fabric.close();
  }
});

const REFUSED = "so does a server that refuses the client's certificate";
const UNKNOWN = "unable to verify the first certificate";

test.each([
  ["without a certificate", () => ({ ca: ours.ca }), REFUSED],
  ["with one of another authority", () => ({ ca: ours.ca, ...foreign.issue("client") }), REFUSED],
  ["that does not know the server's authority", () => ({ ca: foreign.ca, ...client }), UNKNOWN],
  ["that knows no authority but those of the system", () => client, UNKNOWN],
  [
    "whose key is not of the certificate",
    () => ({ ca: ours.ca, ...client, key: foreign.issue("x").key }),
    "key values mismatch",
  ],
])("a client %s gets no fabric, and hears so", async (_, tls, why) => {
  await expect(connect(tls())).rejects.toMatchObject({
    code: "FABRIC_UNAVAILABLE",
    message: expect.stringContaining(why),
  });
});

test("a server by a name that its certificate does not have is not trusted", async () => {
  await expect(connect({ ca: ours.ca, ...client }, "localhost")).rejects.toMatchObject({
    code: "FABRIC_UNAVAILABLE",
    message: expect.stringContaining("does not match certificate"),
  });
});

test("a client in clear is told that the server wants TLS, or gets none of it", async () => {
  const plain = connectNats({ url: server.url, name: "test" });
  await expect(plain).rejects.toMatchObject({ code: "FABRIC_UNAVAILABLE" });
});
