/** The fabric on a NATS server: the conformance suite, and what only a server can do wrong. */
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectNats } from "../../src/cluster/fabric/index.ts";
import { describeFabric, until } from "../cluster/fabric/conformance.ts";
import { type NatsServer, startNats } from "../cluster/fabric/nats-server.ts";
import { startProcessPeer } from "../cluster/fabric/peers.ts";

let server: NatsServer;
beforeAll(async () => {
  server = await startNats();
});
afterAll(() => server.stop());

describeFabric("nats", () => ({
  connect: () => connectNats({ url: server.url, name: "test" }),
  startPeer: (role) => startProcessPeer(server.url, role),
}));

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
