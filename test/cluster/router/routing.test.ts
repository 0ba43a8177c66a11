/** A cluster over the embedded fabric. */
import { afterAll, beforeAll } from "vitest";
import { type Hub, openHub } from "../../../src/cluster/fabric/index.ts";
import { describeLeaving } from "./leaving.ts";
import { describeRouting } from "./routing.ts";

let hub: Hub;
beforeAll(async () => {
  hub = await openHub();
});
afterAll(() => hub.close());

describeRouting("the embedded fabric", async () => hub.connect());
describeLeaving("the embedded fabric", async () => hub.connect());
