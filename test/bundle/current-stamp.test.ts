/**
 * Goal: the stamp of a bundle changes with the served version and never joins two versions.
 * Method: CURRENT is replaced over and over, by renaming, while stamps are taken: 500, and more
 * until more than ten different CURRENTs have been seen.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { currentStamp, writeBundle } from "../../src/bundle/index.ts";
import { makeContent } from "./models.ts";

test("beside a writer every CURRENT has the stamp of one manifest", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-stamp-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await writeBundle(folder, makeContent({ seed: 1, experts: ["mlp", "ridge"], gate: "softmax" }));
  let done = false;
  const replace = async (): Promise<void> => {
    for (let turn = 0; !done; turn++) {
      await writeFile(join(folder, "new"), turn % 2 === 0 ? "7\n" : "1\n");
      await rename(join(folder, "new"), join(folder, "CURRENT"));
    }
  };
  const writer = replace();
  const manifests = new Map<string, Set<string>>();
  for (let i = 0; i < 500 || manifests.size <= 10; i++) {
    const [current, manifest] = (await currentStamp(folder)).split(" ");
    manifests.set(current!, (manifests.get(current!) ?? new Set()).add(manifest!));
  }
  done = true;
  await writer;
  const parts = [...manifests.values()];
  expect(parts.every(({ size }) => size === 1)).toBe(true);
  expect(new Set(parts.flatMap((part) => [...part])).size).toBe(2);
});
