/** The embedded fabric: the conformance suite, and what a kill of the whole process leaves. */
import { afterAll, beforeAll } from "vitest";
import { type Hub, openHub } from "../../src/fabric/index.ts";
import { describeFabric } from "./conformance.ts";
import { startThreadPeer } from "./peers.ts";

let hub: Hub;
beforeAll(async () => {
  hub = await openHub();
});
afterAll(() => hub.close());

describeFabric("embedded", () => ({
  connect: async () => hub.connect(),
  startPeer: (role) => startThreadPeer(hub, role),
}));
