/** Training over a NATS server. */
import { afterAll, beforeAll } from "vitest";
import { connectNats } from "../../src/cluster/fabric/index.ts";
import { type NatsServer, startNats } from "../cluster/fabric/nats-server.ts";
import { describeTraining } from "../cluster/training/training.ts";

let server: NatsServer;
beforeAll(async () => {
  server = await startNats();
});
afterAll(() => server.stop());

describeTraining("NATS", () => connectNats({ url: server.url, name: "test" }));
