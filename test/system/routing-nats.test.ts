/** A cluster over a NATS server. */
import { afterAll, beforeAll } from "vitest";
import { connectNats, type Fabric } from "../../src/cluster/fabric/index.ts";
import { type NatsServer, startNats } from "../cluster/fabric/nats-server.ts";
import { describeLeaving } from "../cluster/router/leaving.ts";
import { describeRouting } from "../cluster/router/routing.ts";

let server: NatsServer;
beforeAll(async () => {
  server = await startNats();
});
afterAll(() => server.stop());

const connect = (): Promise<Fabric> => connectNats({ url: server.url, name: "test" });
describeRouting("NATS", connect);
describeLeaving("NATS", connect);
