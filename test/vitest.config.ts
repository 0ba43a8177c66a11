import { defineConfig } from "vitest/config";

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    globalSetup: "test/compile-source.ts",
    include: ["test/**/*.test.ts"],
    exclude: ["test/system/**"],
    maxWorkers: "100%",
    testTimeout: 60_000,
    coverage: {
      include: ["src/**/*.ts"],
      exclude: ["src/kernel/assembly/**"],
      reporter: ["text-summary"],
      thresholds: { lines: 85, branches: 80 },
    },
  },
});
