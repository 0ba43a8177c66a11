/**
 * Goal: an update that is killed leaves the bundle and its rows whole, and of two one wins.
 * Method: child processes that update without end.
 */
import { spawn } from "node:child_process";
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

test("of two at once one wins, and the other gets an error", async () => {
  await ground.bundleIn("two");
  const said = await Promise.all(
    [1, 2].map(
      () =>
        new Promise<string>((resolve) => {
          const child = spawn(process.execPath, ["updater.js", "two", "6"], {
            cwd: ground.folder,
          });
          let text = "";
          child.stdout.on("data", (chunk) => {
            text += String(chunk);
          });
          child.once("close", () => resolve(text));
        }),
    ),
  );
  const lines = said.join("").trim().split("\n");
  expect(lines).toHaveLength(12);
  expect(lines.every((line) => /^version \d+$|^BUNDLE_BUSY$/.test(line))).toBe(true);
  const made = lines.filter((line) => line.startsWith("version"));
  // No version is made twice.
  expect(new Set(made).size).toBe(made.length);
  expect(lines).toContain("BUNDLE_BUSY");
}, 60_000);
