import { defineConfig } from "vitest/config";

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    coverage: {
      include: ["src/**/*.ts"],
      exclude: ["src/kernel/assembly/**"],
      reporter: ["text-summary"],
      thresholds: { lines: 85, branches: 80 },
    },
  },
});
