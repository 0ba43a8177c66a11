import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./longest-first.ts";

/** These load both cores, or measure what others would disturb: one file at a time. */
const ALONE = [
  "soak",
  "slow-clients",
  "restarts",
  "fabric-cluster",
  "fabric-wipe",
  "routing-nats",
].map((name) => `test/system/${name}.test.ts`);

const SHARED = {
  globalSetup: ["test/compile-source.ts", "test/system/prepare-tools.ts"],
  testTimeout: 300_000,
  hookTimeout: 900_000,
};

/**
 * What needs more than Node: other people's clients, runtimes and browsers.
 *
 * Most files wait for processes, downloads and timers: there is one worker more than cores.
 */
export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...SHARED,
          name: "beside",
          include: ["test/system/**/*.test.ts"],
          exclude: ALONE,
          maxWorkers: availableParallelism() + 1,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...SHARED,
          name: "alone",
          include: ALONE,
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
