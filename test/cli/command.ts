/** The command as a user runs it: a process of its own, with its streams and its exit code. */
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linkPackage } from "../link-package.ts";

export interface Outcome {
  /** null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Command {
  /** Where the command runs: a folder of its own, with the package's data sets beside it. */
  readonly folder: string;
  run(...args: readonly string[]): Promise<Outcome>;
  /** Runs it with `input` on its stdin. */
  pipe(input: string | Uint8Array, ...args: readonly string[]): Promise<Outcome>;
  /** Starts it and leaves it running. */
  start(...args: readonly string[]): ChildProcess;
  /** Runs it with more in its environment. */
  runWith(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Outcome>;
  remove(): void;
}

export function installCommand(): Command {
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-cli-"));
  linkPackage(folder);
  const main = join(folder, "dist", "cli", "main.js");
  const spawned = (
    args: readonly string[],
    stdin: "ignore" | "pipe",
    more: NodeJS.ProcessEnv = {},
  ): ChildProcess => {
    const env = { ...process.env, ...more };
    const stdio: StdioOptions = [stdin, "pipe", "pipe"];
    return spawn(process.execPath, [main, ...args], { cwd: folder, env, stdio });
  };
  const start = (...args: readonly string[]): ChildProcess => spawned(args, "ignore");
  return {
    folder,
    start,
    run: (...args) => outcomeOf(start(...args)),
    runWith: (env, ...args) => outcomeOf(spawned(args, "ignore", env)),
    pipe: (input, ...args) => {
      const child = spawned(args, "pipe");
      // A command that refuses its arguments ends without reading.
      child.stdin!.on("error", () => {});
      child.stdin!.end(input);
      return outcomeOf(child);
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

function outcomeOf(child: ChildProcess): Promise<Outcome> {
  return new Promise((resolve) => {
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout!.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr!.on("data", (chunk: Buffer) => err.push(chunk));
    child.on("close", (code) => {
      resolve({ code, stdout: String(Buffer.concat(out)), stderr: String(Buffer.concat(err)) });
    });
  });
}
