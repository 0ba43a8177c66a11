/** Goal: as in test/api/fuzz.test.ts, on the command itself and at length. */
import { expect, test } from "vitest";
import { PEERS_FOLDER } from "../../src/benches/peer-process.ts";
import { fuzz } from "../../src/benches/serving/fuzz.ts";
import { createReferenceEngine } from "../../src/experts/index.ts";
import { commandLine } from "./command-line.ts";

test("10,000 requests at random: no failure, valid ones answered, good ones unharmed", async () => {
  const options = { serve: commandLine(), peersFolder: PEERS_FOLDER, nRequests: 10_000, seed: 2 };
  const report = await fuzz(createReferenceEngine(), options);
  expect(report.unhandled).toEqual([]);
  expect(report.nUnhandled).toBe(0);
  expect(report.byStatus["200"]).toBeGreaterThan(100);
  expect(report.good.sent).toBeGreaterThan(100);
  expect(report.good.failed).toBe(0);
  expect(report.exitCode).toBe(0);
});
