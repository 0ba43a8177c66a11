/** Training over the embedded fabric. */
import { afterAll, beforeAll } from "vitest";
import { type Hub, openHub } from "../../../src/cluster/fabric/index.ts";
import { describeTraining } from "./training.ts";

let hub: Hub;
beforeAll(async () => {
  hub = await openHub();
});
afterAll(() => hub.close());

describeTraining("the embedded fabric", async () => hub.connect());
