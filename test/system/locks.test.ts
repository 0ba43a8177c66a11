/**
 * Goal: one writer at a time, across process namespaces as containers have them; and a process that
 * was killed as PID 1 of its namespace can be started again.
 * Needs root, for `unshare --pid`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readBundle } from "../../src/bundle/index.ts";
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

  /** What an updater says: until it is killed at its first line, or to its end. */
  async function firstLines(
    args: readonly string[],
    then: "kill" | "wait",
  ): Promise<readonly string[]> {
    const [command, ...wrapping] = AS_PID_1;
    const child = spawn(command!, [...wrapping, process.execPath, "updater.js", ...args], {
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

describe("of two commands that write one folder at once, one is told, and the bundle is whole:", () => {
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-pairs-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const fit = ["fit", "yacht", "--experts", "1", "--out", join(folder, "pair")];
  const [program, main] = commandLine();

  async function ended(args: readonly string[]): Promise<{ exit: number; said: string }> {
    const child = spawn(program!, [main!, ...args]);
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += String(chunk);
    });
    const [exit] = await once(child, "close");
    return { exit: Number(exit), said };
  }

  test.each([
    ["two fits", fit, fit],
    ["a fit and an update", fit, ["update", join(folder, "pair"), "yacht"]],
  ])("%s", async (_name, first, second) => {
    const outcomes = await Promise.all([ended(first), ended(second)]);
    const lost = outcomes.filter(({ exit }) => exit !== 0);
    expect(lost).toHaveLength(1);
    expect(lost[0]).toMatchObject({ exit: 1, said: expect.stringContaining("[BUNDLE_BUSY]") });
    await readBundle(join(folder, "pair"));
  });
});
