/** The fabric on a NATS server: the conformance suite, and what only a server can do wrong. */
import { randomBytes } from "node:crypto";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connectNats, type Fabric } from "../../src/cluster/fabric/index.ts";
import { describeFabric, until } from "../cluster/fabric/conformance.ts";
import { type NatsServer, startNats } from "../cluster/fabric/nats-server.ts";
import { startProcessPeer } from "../cluster/fabric/peers.ts";
import { tracesIn } from "../traces.ts";

let server: NatsServer;
beforeAll(async () => {
  server = await startNats();
});
afterAll(() => server.stop());

describeFabric("nats", () => ({
  connect: () => connectNats({ url: server.url, name: "test" }),
  startPeer: (role) => startProcessPeer(server.url, role),
}));

test("processes that are the first on a new server at the same time all make its buckets", async () => {
  const nc = await connect({ servers: server.url });
  const { streams } = await jetstreamManager(nc);
  const names = ["models", "nodes", "homes", "leases", "terms"] as const;
  for (let turn = 0; turn < 10; turn++) {
    for await (const name of streams.names()) await streams.delete(name);
    const fabrics = await Promise.all(
      Array.from({ length: 8 }, () => connectNats({ url: server.url, name: "test" })),
    );
    const opened = fabrics.map(async (fabric, i) => {
      await new Promise((resolve) => setTimeout(resolve, 3 * i));
      for (const name of names) await fabric.bucket(name);
    });
    const outcomes = await Promise.allSettled(opened);
    await Promise.all(fabrics.map((fabric) => fabric.close()));
    expect(outcomes.filter(({ status }) => status === "rejected")).toEqual([]);
  }
  await nc.close();
});

test("keys that expire while they are asked for are not waited for", async () => {
  const fabric = await connectNats({ url: server.url, name: "test" });
  const nodes = await fabric.bucket("nodes");
  for (let turn = 0; turn < 3; turn++) {
    await Promise.all(Array.from({ length: 20 }, (_, i) => nodes.put(`n${i}`, Uint8Array.of(1))));
    await until(async () => (await nodes.keys()).length === 0);
  }
  await nodes.put("there", Uint8Array.of(1));
  await nodes.put("gone", Uint8Array.of(1));
  await nodes.delete("gone");
  expect(await nodes.keys()).toEqual(["there"]);
  await fabric.close();
});

test("a bucket that is lost again while its loss is mended is mended again", async () => {
  const nc = await connect({ servers: server.url });
  const { streams } = await jetstreamManager(nc);
  const fabric = await connectNats({ url: server.url, name: "test" });
  try {
    const bucket = await fabric.bucket("homes");
    const value = Uint8Array.of(1);
    await bucket.put("homes", value);
    let nLosses = 0;
    bucket.onLost(async () => {
      nLosses += 1;
      await bucket.put("homes", value);
      if (nLosses === 1) await streams.delete("KV_bailiwick_homes");
    });
    await streams.delete("KV_bailiwick_homes");
    await until(() => nLosses === 2);
    expect((await until(() => bucket.get("homes"))).value).toEqual(value);
  } finally {
    await fabric.close();
    await nc.close();
  }
});

describe("no byte of a blob is left in the server's files once it is erased", () => {
  const BLOB_BYTES = 600_000;
  const place = { name: "blob", zone: "eu" };
  let nc: NatsConnection;
  let [a, b] = [] as unknown as [Fabric, Fabric];
  beforeEach(async () => {
    nc = await connect({ servers: server.url });
    [a, b] = [
      await connectNats({ url: server.url, name: "a" }),
      await connectNats({ url: server.url, name: "b" }),
    ];
  });
  afterEach(async () => {
    await Promise.all([a.close(), b.close()]);
    await nc.close();
  });

  /** Pieces of the blob, spread over all of it. */
  const left = (blob: Uint8Array): readonly string[] =>
    tracesIn(
      [server.store],
      Array.from({ length: 60 }, (_, i) => {
        return { what: `byte ${10_000 * i}`, bytes: blob.subarray(10_000 * i, 10_000 * i + 32) };
      }),
    );
  const listed = async () => (await a.blobs.list()).filter(({ name }) => name === place.name);
  const eraseAndLook = async (blob: Uint8Array): Promise<readonly string[]> => {
    await a.blobs.erase(place.name, place.zone);
    expect(await listed()).toEqual([]);
    return left(blob);
  };
  const read = async (): Promise<Buffer> => Buffer.from((await b.blobs.get("blob", "eu"))!);

  test("that was put by several processes at once", async () => {
    const blob = randomBytes(BLOB_BYTES);
    const puts = [a, b, a, b].map(({ blobs }) => blobs.put(place.name, place.zone, blob));
    await Promise.all(puts);
    expect(blob.equals(await read())).toBe(true);
    expect(left(blob)).toHaveLength(60);
    expect(await eraseAndLook(blob)).toEqual([]);
  });

  test("that was put or erased in part, and is put again or not", async () => {
    const { direct, streams } = await jetstreamManager(nc);
    const dropFirst = async (): Promise<void> => {
      const subject = "bailiwick.blobs.eu.blob.0";
      const { seq } = (await direct.getMessage("bailiwick_blobs", { last_by_subj: subject }))!;
      await streams.deleteMessage("bailiwick_blobs", seq, true);
    };
    const blob = randomBytes(BLOB_BYTES);
    await a.blobs.put(place.name, place.zone, blob);
    await dropFirst();
    expect(await listed()).toEqual([{ ...place, isWhole: false }]);
    expect(await b.blobs.get(place.name, place.zone)).toBeNull();
    await b.blobs.put(place.name, place.zone, blob);
    expect(await listed()).toEqual([{ ...place, isWhole: true }]);
    expect(blob.equals(await read())).toBe(true);
    await dropFirst();
    expect(await eraseAndLook(blob)).toEqual([]);
  });

  test("of which another part lay in its place", async () => {
    const [other, blob] = [randomBytes(BLOB_BYTES), randomBytes(BLOB_BYTES)];
    await jetstream(nc).publish("bailiwick.blobs.eu.blob.1", other.subarray(0, 200_000));
    await a.blobs.put(place.name, place.zone, blob);
    expect(left(other)).toEqual([]);
    expect(blob.equals(await read())).toBe(true);
    expect(await eraseAndLook(blob)).toEqual([]);
  });
});
