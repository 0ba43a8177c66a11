/** Training over a NATS server. */
import { afterAll, beforeAll } from "vitest";
import { connectNats } from "../../src/fabric/index.ts";
import { type NatsServer, startNats } from "../nats/server.ts";
import { describeTraining } from "../training/training.ts";

let server: NatsServer;
beforeAll(async () => {
  server = await startNats();
});
afterAll(() => server.stop());

describeTraining("NATS", () => connectNats({ url: server.url, name: "test" }));
