/**
 * Goal: one process at a time holds a lock, and a lock ends with its holder.
 * Method: processes that race, are killed while they hold, and stay as zombies.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { takeLock, tryLockByProgram } from "../../src/shared/lock.ts";
import { lockGround, race, startLocker } from "./lockers.ts";

let ground: ReturnType<typeof lockGround>;
let path: string;

beforeEach(() => {
  ground = lockGround();
  path = join(ground.folder, "lock");
});
afterEach(() => ground.remove());

describe("in one process", () => {
  test("a second lock on the file is refused until the first is released", async () => {
    const lock = await takeLock(path, "the bundle b");
    await expect(takeLock(path, "the bundle b")).rejects.toMatchObject({
      code: "BUNDLE_BUSY",
      message: "the bundle b is locked, another process writes it",
    });
    await lock.release();
    expect(existsSync(path)).toBe(false);
    await (await takeLock(path, "the bundle b")).release();
  });

  test("a file that an earlier version left, with a living process in it, locks nothing", async () => {
    writeFileSync(path, `${process.pid}\n`);
    await (await takeLock(path, "b")).release();
  });

  test("a link is not followed", async () => {
    symlinkSync(join(ground.folder, "elsewhere"), path);
    await expect(takeLock(path, "b")).rejects.toMatchObject({
      code: "WRITE_FAILED",
      message: `${path} must be a file, found a link`,
    });
    expect(existsSync(join(ground.folder, "elsewhere"))).toBe(false);
  });

  test("a folder that does not exist is named", async () => {
    await expect(takeLock(join(ground.folder, "no/lock"), "b")).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
    });
  });

  test("a holder whose file was removed leaves the file of the next holder", async () => {
    const first = await takeLock(path, "b");
    rmSync(path);
    const second = await takeLock(path, "b");
    await first.release();
    await expect(takeLock(path, "b")).rejects.toMatchObject({ code: "BUNDLE_BUSY" });
    await second.release();
  });

  test("the program flock locks a file for as long as it is open", async () => {
    const [first, second] = [await open(path, "w+"), await open(path, "w+")];
    expect(tryLockByProgram(first.fd)).toBe(true);
    expect(tryLockByProgram(second.fd)).toBe(false);
    await first.close();
    expect(tryLockByProgram(second.fd)).toBe(true);
    await second.close();
  });
});

describe("between processes", () => {
  test("of six that race 200 times, with files left by killed holders, one holds", async () => {
    const lockers = await Promise.all(Array.from({ length: 6 }, () => startLocker(ground.folder)));
    const counts = await race(lockers, 200, (round) => {
      if (round % 2 === 0) writeFileSync(path, `${process.pid}\n`);
    });
    expect([...counts.keys()].sort()).toEqual(["busy none", "held released"]);
    expect(counts.get("held released")).toBeGreaterThanOrEqual(200);
    await Promise.all(lockers.map((locker) => locker.kill()));
  }, 120_000);

  test("a killed holder's lock is free at once", async () => {
    const [first, second] = [await startLocker(ground.folder), await startLocker(ground.folder)];
    expect(await first.ask("take")).toBe("held");
    expect(await second.ask("take")).toBe("busy");
    await first.kill();
    await (await takeLock(path, "b")).release();
    await second.kill();
  });

  test("a killed holder that is still a zombie holds nothing", async () => {
    const pipe = `{ echo take; sleep 60; } | "${process.execPath}" locker.js & echo $!; exec sleep 60`;
    const parent = spawn("sh", ["-c", pipe], {
      cwd: ground.folder,
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    });
    const said: string[] = [];
    parent.stdout.setEncoding("utf8");
    for await (const chunk of parent.stdout) {
      said.push(...String(chunk).trim().split("\n"));
      if (said.includes("held")) break;
    }
    const holder = Number(said.find((line) => /^\d+$/.test(line)));
    await expect(takeLock(path, "b")).rejects.toMatchObject({ code: "BUNDLE_BUSY" });
    process.kill(holder, "SIGKILL");
    await expect.poll(() => takeLock(path, "b").then((lock) => lock.release())).toBeUndefined();
    // It is still in the table of processes.
    expect(process.kill(holder, 0)).toBe(true);
    process.kill(-parent.pid!, "SIGKILL");
    await once(parent, "exit");
  });
});
