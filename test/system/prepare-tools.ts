/**
 * What several files need and only one process at a time can install: the browser, promtool and
 * shells by apt, the NATS server. Each is there at once if it was there before.
 */
import { findServer } from "../../experiments/peers/find-nats-server.mjs";
import { findBrowser } from "./chromium.ts";
import { findPromtool } from "./promtool.ts";
import { findFish, findZsh } from "./shells.ts";

/** Before all tests of a run. */
export async function setup(): Promise<void> {
  findBrowser();
  findPromtool();
  findFish();
  findZsh();
  await findServer();
}
