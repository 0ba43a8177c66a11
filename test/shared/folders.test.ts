/** Folders are made with those above them, and refused in words where they cannot be. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeFolder, prepareOutputFolder } from "../../src/shared/folders.ts";

test("a folder is made with those above it, once or twice", async () => {
  const root = mkdtempSync(join(tmpdir(), "bailiwick-folders-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  expect(await makeFolder(join(root, "a", "b", "c"))).toBe(join(root, "a"));
  expect(await makeFolder(join(root, "a", "b", "c"))).toBe(undefined);
  const both = ["x", "y"].map((name) => makeFolder(join(root, "new", name)));
  expect((await Promise.all(both)).filter((made) => made === join(root, "new"))).toHaveLength(1);
  expect(existsSync(join(root, "a", "b", "c"))).toBe(true);
  writeFileSync(join(root, "file"), "");
  await expect(makeFolder(join(root, "file"))).rejects.toMatchObject({ code: "OUTPUT_OCCUPIED" });
  await expect(makeFolder(join(root, "file", "x"))).rejects.toMatchObject({
    code: "OUTPUT_OCCUPIED",
  });
});

test("a folder that the system refuses as missing is refused, not tried for ever", async () => {
  await expect(makeFolder("/proc/no-such-process/x")).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
  });
  const options = { force: false, ours: [] };
  await expect(prepareOutputFolder("/proc/no-such-process", options)).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
  });
});

test("no source makes folders in the way that may try for ever", () => {
  const src = new URL("../../src/", import.meta.url).pathname;
  const paths = readdirSync(src, { recursive: true, encoding: "utf8" });
  const texts = paths
    .filter((path) => path.endsWith(".ts"))
    .map((path) => ({ path, text: readFileSync(join(src, path), "utf8") }));
  expect(texts.length).toBeGreaterThan(500);
  const tries = /mkdir(Sync)?\([^;]*recursive: true/;
  expect(texts.filter(({ text }) => tries.test(text)).map(({ path }) => path)).toEqual([]);
});
