/** Goal: every writer of a bundle holds its lock, by whatever name it calls the folder. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lockBundle, lockBundleFolder, readBundle, writeBundle } from "../../src/bundle/index.ts";
import { makeContent } from "./models.ts";

const CONTENT = makeContent({ seed: 1, experts: ["ridge"], gate: "softmax" });

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bailiwick-lock-"));
});
afterEach(() => rmSync(root, { recursive: true }));

describe("a bundle's lock", () => {
  test("is one lock by every name of the folder", async () => {
    mkdirSync(join(root, "model"));
    symlinkSync(join(root, "model"), join(root, "link"));
    const lock = await lockBundle(join(root, "model"));
    for (const name of ["link", "model/", "./model/../model"]) {
      await expect(lockBundle(`${root}/${name}`)).rejects.toMatchObject({ code: "BUNDLE_BUSY" });
    }
    await lock.release();
  });

  test("leaves no file", async () => {
    const lock = await lockBundleFolder(root);
    await lock.release();
    expect(readdirSync(root)).toEqual([]);
  });

  test("of a folder that is not there names the bundle", async () => {
    await expect(lockBundle(join(root, "none"))).rejects.toMatchObject({
      code: "BUNDLE_NOT_FOUND",
    });
    writeFileSync(join(root, "file"), "");
    await expect(lockBundle(join(root, "file"))).rejects.toMatchObject({
      code: "BUNDLE_NOT_FOUND",
    });
    await expect(lockBundleFolder(join(root, "file"))).rejects.toMatchObject({
      code: "OUTPUT_OCCUPIED",
    });
  });

  test("makes the folder to write to, and takes it away if nothing was written", async () => {
    const folder = join(root, "a/b/model");
    const lock = await lockBundleFolder(folder);
    expect(existsSync(folder)).toBe(true);
    await lock.release();
    expect(readdirSync(root)).toEqual([]);
  });
});

describe("a write", () => {
  test("is refused while another writer holds the lock, and changes nothing", async () => {
    const folder = join(root, "model");
    await writeBundle(folder, CONTENT);
    const lock = await lockBundle(folder);
    await expect(writeBundle(folder, CONTENT)).rejects.toMatchObject({
      code: "BUNDLE_BUSY",
    });
    expect((await readBundle(folder)).version).toBe(1);
    await writeBundle(folder, CONTENT, { lock });
    await lock.release();
    expect((await readBundle(folder)).version).toBe(2);
    expect(readdirSync(folder).sort()).toEqual(["CURRENT", "README.md", "blobs", "versions"]);
  });
});
