/** Processes that take and release one lock when they are told to. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { linkPackage } from "../link-package.ts";

const LOCKER = `
import { closeSync, openSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { takeLock } from "./dist/shared/lock.js";
const [path, witness] = ["lock", "witness"];
let lock = null;
const take = async () => {
  try {
    lock = await takeLock(path, "the test");
  } catch (error) {
    return error.code === "BUNDLE_BUSY" ? "busy" : String(error);
  }
  // Fails if another holder has made it.
  try {
    closeSync(openSync(witness, "wx"));
    return "held";
  } catch (error) {
    return "two holders";
  }
};
const release = async () => {
  if (lock === null) return "none";
  rmSync(witness, { force: true });
  await lock.release();
  lock = null;
  return "released";
};
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  console.log(line === "take" ? await take() : line === "release" ? await release() : await take() + " " + await release());
}
`;

export interface Locker {
  readonly child: ChildProcess;
  /** Sends a command and gives the answer: "held", "busy" or, for "release", "released". */
  ask(command: "take" | "release" | "both"): Promise<string>;
  /** Kills the process and waits for its end. */
  kill(): Promise<void>;
}

/** A folder with the package and the program, where all lockers run. */
export function lockGround(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-lock-"));
  linkPackage(folder);
  writeFileSync(join(folder, "locker.js"), LOCKER);
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

/** @param wrapper - A command that runs the process, for example in another namespace. */
export async function startLocker(
  folder: string,
  wrapper: readonly string[] = [],
): Promise<Locker> {
  const [command, ...args] = [...wrapper, process.execPath, "locker.js"];
  const child = spawn(command!, args, { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await nextLine(lines);
  return {
    child,
    ask: (text) => {
      const answer = nextLine(lines);
      child.stdin.write(`${text}\n`);
      return answer;
    },
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function nextLine(lines: Interface): Promise<string> {
  return new Promise((resolve, reject) => {
    const onEnd = (): void => reject(new Error("the process must answer, it has ended"));
    lines.once("close", onEnd);
    lines.once("line", (line) => {
      lines.off("close", onEnd);
      resolve(line);
    });
  });
}

/**
 * Rounds in which all lockers take and release at once.
 *
 * @param before - Called before each round, for example to leave what a killed holder leaves.
 * @returns How often each answer came.
 */
export async function race(
  lockers: readonly Locker[],
  rounds: number,
  before: (round: number) => void = () => {},
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    before(round);
    for (const answer of await Promise.all(lockers.map((locker) => locker.ask("both")))) {
      counts.set(answer, (counts.get(answer) ?? 0) + 1);
    }
  }
  return counts;
}
