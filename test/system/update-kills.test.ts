/** Goal: as in test/update/update-bundle.test.ts, an update that is killed leaves all whole, at length. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Ground, killUpdaters, prepareGround } from "../update/processes.ts";

const KILLS = 200;
let ground: Ground;

beforeAll(async () => {
  ground = await prepareGround();
});
afterAll(() => ground.remove());

test(`${KILLS} updates killed at random moments leave the old bundle or the new`, async () => {
  // Two bundles at a time: an updater mostly computes on one core.
  const names = ["first", "second"];
  const found = await Promise.all(
    names.map((name) => killUpdaters(ground, KILLS / names.length, name)),
  );
  for (const nVersions of found) expect(nVersions).toBeGreaterThan(50);
}, 1_200_000);
