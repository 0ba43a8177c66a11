/** Folders are made with those above them, and refused in words where they cannot be. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeFolder } from "../../src/shared/folders.ts";

test("a folder is made with those above it, once or twice", async () => {
  const root = mkdtempSync(join(tmpdir(), "bailiwick-folders-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  await makeFolder(join(root, "a", "b", "c"));
  await makeFolder(join(root, "a", "b", "c"));
  expect(existsSync(join(root, "a", "b", "c"))).toBe(true);
  writeFileSync(join(root, "file"), "");
  await expect(makeFolder(join(root, "file"))).rejects.toMatchObject({ code: "OUTPUT_OCCUPIED" });
  await expect(makeFolder(join(root, "file", "x"))).rejects.toMatchObject({ code: "WRITE_FAILED" });
});

test("a folder that the system refuses as missing is refused, not tried for ever", async () => {
  await expect(makeFolder("/proc/no-such-process/x")).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
  });
});
