import { defineConfig } from "vitest/config";

/**
 * The controller against a real kube-apiserver and kube-controller-manager, a job of its own: `npm
 * run test:kubernetes`. Their build takes ten minutes of CPU time, which `npm run test:system` does
 * not have; without it the tests fail and name the line that makes it.
 */
export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    globalSetup: ["test/compile-source.ts"],
    include: ["test/kubernetes/**/*.test.ts"],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    fileParallelism: false,
  },
});
