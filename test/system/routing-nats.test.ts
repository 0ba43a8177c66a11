/** A cluster over a NATS server. */
import { afterAll, beforeAll } from "vitest";
import { connectNats } from "../../src/fabric/index.ts";
import { type NatsServer, startNats } from "../nats/server.ts";
import { describeRouting } from "../router/routing.ts";

let server: NatsServer;
beforeAll(async () => {
  server = await startNats();
});
afterAll(() => server.stop());

describeRouting("NATS", () => connectNats({ url: server.url, name: "test" }));
