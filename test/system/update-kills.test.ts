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
  expect(await killUpdaters(ground, KILLS)).toBeGreaterThan(100);
}, 1_200_000);
