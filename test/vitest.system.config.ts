import { defineConfig } from "vitest/config";

/** What needs more than Node: other people's clients, runtimes and browsers. */
export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    globalSetup: "test/compile-source.ts",
    include: ["test/system/**/*.test.ts"],
    testTimeout: 300_000,
    hookTimeout: 900_000,
    fileParallelism: false,
  },
});
