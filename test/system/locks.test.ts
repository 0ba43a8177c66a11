/**
 * Goal: one writer at a time, across process namespaces as containers have them; and a process that
 * was killed as PID 1 of its namespace can be started again.
 * Needs root, for `unshare --pid`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readBundle } from "../../src/bundle/index.ts";
import { LOCK_NAME } from "../../src/shared/files.ts";
import { lockGround, race, startLocker } from "../shared/lockers.ts";
import { type Ground, prepareGround } from "../update/processes.ts";
import { commandLine } from "./command-line.ts";

/** Runs a command as PID 1 of a namespace of its own, which ends with the wrapper. */
const AS_PID_1 = ["unshare", "--pid", "--fork", "--kill-child"];

describe("a lock", () => {
  const ground = lockGround();
  afterAll(() => ground.remove());
  const start = (wrapper: readonly string[] = []) => startLocker(ground.folder, wrapper);

  test("has one holder of six processes in 500 races, half of them PID 1", async () => {
    const wrappers = [AS_PID_1, [], AS_PID_1, [], AS_PID_1, []];
    const lockers = await Promise.all(wrappers.map(start));
    const counts = await race(lockers, 500, (round) => {
      if (round % 2 === 0) writeFileSync(join(ground.folder, "lock"), "1\n");
    });
    expect([...counts.keys()].sort()).toEqual(["busy none", "held released"]);
    await Promise.all(lockers.map((locker) => locker.kill()));
  });

  test("is free after its holder was killed as PID 1, 20 times", async () => {
    for (let round = 0; round < 20; round++) {
      const holder = await start(AS_PID_1);
      const other = await start(AS_PID_1);
      expect(await holder.ask("take")).toBe("held");
      expect(await other.ask("take")).toBe("busy");
      await holder.kill();
      rmSync(join(ground.folder, "witness"));
      expect(await other.ask("both")).toBe("held released");
      await other.kill();
    }
  });
});

describe("an update", () => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await prepareGround();
  });
  afterAll(() => ground.remove());

  test("killed as PID 1 of its namespace is started again, 5 times", async () => {
    await ground.bundleIn("killed");
    for (let round = 0; round < 5; round++) {
      const [first] = await firstLines(["killed"], "kill");
      expect(first).toMatch(/^version \d+$/);
    }
    expect(await firstLines(["killed", "2"], "wait")).toEqual([
      expect.stringMatching(/^version \d+$/),
      expect.stringMatching(/^version \d+$/),
    ]);
  });

  test("of two at once one wins, and the other gets an error", async () => {
    await ground.bundleIn("two");
    const said = await Promise.all(
      [1, 2].map(
        () =>
          new Promise<string>((resolve) => {
            const child = spawn(process.execPath, ["updater.js", "two", "6"], {
              cwd: ground.folder,
            });
            let text = "";
            child.stdout.on("data", (chunk) => {
              text += String(chunk);
            });
            child.once("close", () => resolve(text));
          }),
      ),
    );
    const lines = said.join("").trim().split("\n");
    expect(lines).toHaveLength(12);
    expect(lines.every((line) => /^version \d+$|^BUNDLE_BUSY$/.test(line))).toBe(true);
    const made = lines.filter((line) => line.startsWith("version"));
    // No version is made twice.
    expect(new Set(made).size).toBe(made.length);
    expect(lines).toContain("BUNDLE_BUSY");
  }, 60_000);

  /** What an updater says: until it is killed at its first line, or to its end. */
  async function firstLines(
    args: readonly string[],
    then: "kill" | "wait",
  ): Promise<readonly string[]> {
    const [command, ...wrapping] = AS_PID_1;
    const child = spawn(command!, [...wrapping, process.execPath, ground.updater, ...args], {
      cwd: ground.folder,
    });
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += String(chunk);
      // It is at work on the next batch by then.
      if (then === "kill") child.kill("SIGKILL");
    });
    await once(child, "close");
    return said.trim().split("\n");
  }
});

describe("of two commands that write one folder, the second is refused, and the first ends well:", () => {
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-pairs-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const bundle = join(folder, "pair");
  const fit = ["fit", "cpus", "--preset", "fast", "--experts", "1", "--keep-rows", "--out", bundle];
  const update = ["update", bundle, "cpus"];
  const [program, main] = commandLine();

  function start(args: readonly string[]) {
    const child = spawn(program!, [main!, ...args], { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += String(chunk);
    });
    const ended = once(child, "close").then(([exit]) => ({ exit: Number(exit), said }));
    return { child, ended };
  }

  test.each([
    ["two fits", fit, fit],
    ["a fit and an update", fit, update],
    ["an update and a fit", update, fit],
  ])("%s", async (_name, first, second) => {
    const holder = start(first);
    await expect.poll(() => isLocked(bundle), { interval: 2, timeout: 60_000 }).toBe(true);
    holder.child.kill("SIGSTOP");
    const { exit, said } = await start(second).ended;
    holder.child.kill("SIGCONT");
    expect([exit, said]).toEqual([1, expect.stringContaining("error [BUNDLE_BUSY]")]);
    expect(await holder.ended).toMatchObject({ exit: 0 });
    await readBundle(bundle);
  });
});

/** Whether the operating system has a lock on the bundle's file. */
function isLocked(bundle: string): boolean {
  const file = statSync(join(bundle, LOCK_NAME), { throwIfNoEntry: false });
  return file !== undefined && readFileSync("/proc/locks", "utf8").includes(`:${file.ino} `);
}
