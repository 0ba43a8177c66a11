/** The fabric on a NATS server: the conformance suite, and what only a server can do wrong. */
import { afterAll, beforeAll } from "vitest";
import { connectNats } from "../../src/cluster/fabric/index.ts";
import { describeFabric } from "../cluster/fabric/conformance.ts";
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
