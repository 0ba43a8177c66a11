/**
 * Goal: the committed kernels are what their sources give, and small.
 * Method: compile all again and compare the bytes.
 */
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { builds, compileKernel } from "./build.mjs";

const MAX_BYTES = 30_000;

describe.each(Object.entries(builds))("%s", (file, build) => {
  test("is what `node test/kernel/build.mjs` writes, below 30 kB", async () => {
    const committed = await readFile(new URL(`../../${file}`, import.meta.url));
    const built = await compileKernel(build);
    expect(
      Buffer.compare(build.bytesOf(committed), built),
      "rebuild the kernel and commit it",
    ).toBe(0);
    expect(committed.length).toBeLessThan(MAX_BYTES);
  }, 60_000);
});
