/**
 * Goal: as in test/api/fuzz.test.ts, on the command itself and at length; and no spoilt bundle or
 * table ends, stops or fills a process that reads it.
 * Method: requests and files drawn at random, read by processes whose heap may hold 2 GB. FUZZ sets
 * the number of each: FUZZ=20000 is the full one.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";
import { z } from "zod";
import { PEERS_FOLDER } from "../../src/benches/peer-process.ts";
import { fuzz } from "../../src/benches/serving/fuzz.ts";
import { createReferenceEngine } from "../../src/experts/index.ts";
import { commandLine } from "./command-line.ts";

const FULL = process.env["FUZZ"];
const [N_REQUESTS, N_FILES] = FULL === undefined ? [10_000, 300] : [Number(FULL), Number(FULL)];
const TIMEOUT_MS = 7_200_000;
const KINDS = ["bundle", "arrow", "csv", "json"];
const reportSchema = z.record(
  z.string(),
  z.looseObject({
    count: z.int(),
    ended: z.record(z.string(), z.int()),
    unhandled: z.int(),
    crashed: z.int(),
    hung: z.int(),
  }),
);

test(
  `${N_REQUESTS} requests at random: no failure, valid ones answered, good ones unharmed`,
  async () => {
    process.env["NODE_OPTIONS"] = "--max-old-space-size=2048";
    const options = { serve: commandLine(), peersFolder: PEERS_FOLDER, nRequests: N_REQUESTS };
    const report = await fuzz(createReferenceEngine(), { ...options, seed: 2 });
    expect(report.unhandled).toEqual([]);
    expect(report.nUnhandled).toBe(0);
    expect(report.byStatus["200"]).toBeGreaterThan(100);
    expect(report.good.sent).toBeGreaterThan(100);
    expect(report.good.failed).toBe(0);
    expect(report.exitCode).toBe(0);
  },
  TIMEOUT_MS,
);

test(
  `${N_FILES} spoilt bundles, Arrow, CSV and JSON files each: read, or refused by an error of ours`,
  async () => {
    const script = join(PEERS_FOLDER, "fuzz-files.mjs");
    const args = [script, String(N_FILES), "1", join(inject("compiled"), "dist")];
    const { stdout } = await promisify(execFile)(process.execPath, args).catch(
      (error: { readonly stdout: string }) => error,
    );
    const report = reportSchema.parse(JSON.parse(stdout));
    expect(Object.keys(report)).toEqual(KINDS);
    for (const [kind, { ended, ...faults }] of Object.entries(report)) {
      expect([kind, faults]).toEqual([kind, { count: N_FILES, unhandled: 0, crashed: 0, hung: 0 }]);
      expect(Object.values(ended).reduce((sum, n) => sum + n, 0)).toBe(N_FILES);
      expect(ended["read"]).toBeGreaterThan(0);
    }
    process.stdout.write(`${JSON.stringify(report)}\n`);
  },
  TIMEOUT_MS,
);
