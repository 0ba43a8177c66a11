/** A cluster over a NATS server. */
import { afterAll, beforeAll } from "vitest";
import { connectNats } from "../../src/cluster/fabric/index.ts";
import { type NatsServer, startNats } from "../cluster/fabric/nats-server.ts";
import { describeRouting } from "../cluster/router/routing.ts";

let server: NatsServer;
beforeAll(async () => {
  server = await startNats();
});
afterAll(() => server.stop());

describeRouting("NATS", () => connectNats({ url: server.url, name: "test" }));
