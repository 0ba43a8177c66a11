/** Goal: under full load and reloads nothing fails, nothing is mixed, and memory stays flat. */
import { expect, test } from "vitest";
import { memoryGrowth, soak } from "./soak.ts";

const SECONDS = Number(process.env["BAILIWICK_SOAK_SECONDS"] ?? 40);

test(`${SECONDS} s at full load, a hot reload every ${SECONDS / 12} s`, async () => {
  const reloadEveryS = SECONDS / 12;
  const report = await soak({ seconds: SECONDS, reloadEveryS, connections: 32 });
  const { answers, failed, mixed, versions, memoryBytes } = report;
  expect(answers).toBeGreaterThan(1000);
  expect(failed).toBe(0);
  expect(mixed).toBe(0);
  expect(versions.length).toBeGreaterThan(8);
  expect(memoryGrowth(memoryBytes)).toBeLessThan(1.1);
});
