/**
 * Goal: files are whole or absent, reads are bounded, and nobody's folder is written over.
 * Method: each promise once, with real files, pipes and devices.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readFileChecked, readTextFile, writeFileAtomic } from "../../src/shared/files.ts";
import { prepareOutputFolder } from "../../src/shared/folders.ts";
import { sha256 } from "../../src/shared/hash.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bailiwick-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("writeFileAtomic", () => {
  test("writes and replaces, text and bytes, and leaves no temporary file", async () => {
    const path = join(folder, "file");
    await writeFileAtomic(path, "grün");
    expect(readFileSync(path, "utf8")).toBe("grün");
    await writeFileAtomic(path, Uint8Array.of(0, 255));
    expect([...readFileSync(path)]).toEqual([0, 255]);
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  test("follows a link to the file behind it", async () => {
    writeFileSync(join(folder, "target"), "old");
    symlinkSync("target", join(folder, "link"));
    await writeFileAtomic(join(folder, "link"), "new");
    expect(lstatSync(join(folder, "link")).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, "target"), "utf8")).toBe("new");
  });

  test("writes to a pipe as it is", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const reading = readFileChecked(pipe, { maxBytes: 100 });
    await writeFileAtomic(pipe, "through");
    expect((await reading).toString()).toBe("through");
    expect(lstatSync(pipe).isFIFO()).toBe(true);
  });

  test("a full device is WRITE_FAILED with the system's reason, and stays a device", async () => {
    await expect(writeFileAtomic("/dev/full", "data")).rejects.toMatchObject({
      code: "WRITE_FAILED",
      details: { path: "/dev/full" },
      cause: { code: "ENOSPC" },
    });
    expect(lstatSync("/dev/full").isCharacterDevice()).toBe(true);
  });

  test("a rename that fails leaves the target as it was and no temporary file", async () => {
    const path = join(folder, "x".repeat(250));
    writeFileSync(path, "old");
    await expect(writeFileAtomic(path, "new")).rejects.toMatchObject({ code: "WRITE_FAILED" });
    expect(readdirSync(folder)).toEqual(["x".repeat(250)]);
    expect(readFileSync(path, "utf8")).toBe("old");
  });

  test("a missing folder and a folder in the file's place are the caller's mistakes", async () => {
    await expect(writeFileAtomic(join(folder, "no/file"), "")).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
    });
    await expect(writeFileAtomic(folder, "")).rejects.toMatchObject({ code: "OUTPUT_OCCUPIED" });
  });
});

describe("readFileChecked", () => {
  test("reads up to the limit and not a byte more", async () => {
    const path = join(folder, "file");
    writeFileSync(path, "12345");
    expect((await readFileChecked(path, { maxBytes: 5 })).toString()).toBe("12345");
    await expect(readFileChecked(path, { maxBytes: 4 })).rejects.toMatchObject({
      code: "DATA_TOO_LARGE",
      details: { maxBytes: 4 },
    });
    await expect(
      readFileChecked(path, { maxBytes: 4, tooLarge: "BUNDLE_CORRUPT" }),
    ).rejects.toMatchObject({ code: "BUNDLE_CORRUPT" });
  });

  test("an endless device ends at the limit", async () => {
    const reading = readFileChecked("/dev/zero", { maxBytes: 3_000_000 });
    await expect(reading).rejects.toMatchObject({ code: "DATA_TOO_LARGE" });
  });

  test("no file, and a folder in its place, are the code that was asked for", async () => {
    const missing = join(folder, "missing");
    for (const path of [missing, folder, join(folder, "a/b")]) {
      await expect(readFileChecked(path, { maxBytes: 9 })).rejects.toMatchObject({
        code: "FILE_NOT_FOUND",
      });
    }
    await expect(
      readFileChecked(missing, { maxBytes: 9, missing: "BUNDLE_NOT_FOUND" }),
    ).rejects.toMatchObject({ code: "BUNDLE_NOT_FOUND" });
  });

  test("anything else is READ_FAILED with the system's reason", async () => {
    symlinkSync("loop", join(folder, "loop"));
    await expect(readFileChecked(join(folder, "loop"), { maxBytes: 9 })).rejects.toMatchObject({
      code: "READ_FAILED",
      cause: { code: "ELOOP" },
    });
  });

  test("text loses its byte order mark", async () => {
    writeFileSync(join(folder, "file"), "\uFEFFgrün");
    expect(await readTextFile(join(folder, "file"), { maxBytes: 100 })).toBe("grün");
  });
});

describe("prepareOutputFolder", () => {
  const options = { force: false, ours: ["result.json", "bundle"] };

  test("makes a folder, and takes an empty one and one of ours", async () => {
    const out = join(folder, "deep/out");
    await prepareOutputFolder(out, options);
    await prepareOutputFolder(out, options);
    writeFileSync(join(out, "result.json"), "{}");
    mkdirSync(join(out, "bundle"));
    writeFileSync(join(out, ".result.json.0123456789ab.tmp"), "of a killed writer");
    await prepareOutputFolder(out, options);
    expect(readFileSync(join(out, "result.json"), "utf8")).toBe("{}");
  });

  test("refuses what holds something else by name, and forced removes nothing", async () => {
    writeFileSync(join(folder, "thesis.tex"), "years of work");
    await expect(prepareOutputFolder(folder, options)).rejects.toMatchObject({
      code: "OUTPUT_OCCUPIED",
      message: expect.stringContaining("thesis.tex"),
      details: { path: folder, found: ["thesis.tex"] },
    });
    await prepareOutputFolder(folder, { ...options, force: true });
    expect(readFileSync(join(folder, "thesis.tex"), "utf8")).toBe("years of work");
  });

  test("refuses a file in the folder's place, forced or not", async () => {
    const path = join(folder, "file");
    writeFileSync(path, "");
    for (const force of [false, true]) {
      for (const place of [path, join(path, "below")]) {
        await expect(prepareOutputFolder(place, { ...options, force })).rejects.toMatchObject({
          code: "OUTPUT_OCCUPIED",
        });
      }
    }
  });
});

test("sha256 is the system's", () => {
  const { stdout } = spawnSync("sha256sum", { input: "grün" });
  expect(sha256("grün")).toBe(stdout.toString().slice(0, 64));
  expect(sha256(Buffer.from("grün"))).toBe(sha256("grün"));
});
