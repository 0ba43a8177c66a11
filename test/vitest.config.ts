import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./longest-first.ts";

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    globalSetup: "test/compile-source.ts",
    include: ["test/**/*.test.ts"],
    exclude: ["test/system/**", "test/kubernetes/**"],
    // A worker loads the package once for all its files, which leave nothing behind.
    isolate: false,
    restoreMocks: true,
    unstubEnvs: true,
    // One worker more than cores: some tests wait for a process, a timer or a killed peer.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    coverage: {
      include: ["src/**/*.ts"],
      exclude: [
        "src/kernel/assembly/**",
        // Run by the system tests, which have a NATS server: test/system/*nats*, fabric-*.
        "src/cluster/fabric/nats*.ts",
        "src/cli/{node,serve-fabric,connect-fabric}.ts",
        // Run by npm run test:kubernetes.
        "src/cluster/kubernetes/{controller,lease}.ts",
        "src/cli/kubernetes.ts",
        // Run by the bench, whose figures are its test; what it sums up is tested.
        "src/benches/fabric/cluster{,-bench,-calibration,-faults,-privacy,-throughput,-training}.ts",
      ],
      reporter: ["text-summary"],
      thresholds: { lines: 85, branches: 80 },
    },
  },
});
