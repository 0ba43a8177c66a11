/** The fabric on a NATS server: the conformance suite, and what only a server can do wrong. */
import { afterAll, beforeAll } from "vitest";
import { connectNats } from "../../src/fabric/index.ts";
import { describeFabric } from "../fabric/conformance.ts";
import { startProcessPeer } from "../fabric/peers.ts";
import { type NatsServer, startNats } from "../nats/server.ts";

let server: NatsServer;
beforeAll(async () => {
  server = await startNats();
});
afterAll(() => server.stop());

describeFabric("nats", () => ({
  connect: () => connectNats({ url: server.url, name: "test" }),
  startPeer: (role) => startProcessPeer(server.url, role),
}));
