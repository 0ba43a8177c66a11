/** The command as a user runs it: a process of its own, with its streams and its exit code. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linkPackage } from "../link-package.ts";

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Command {
  /** Where the command runs: a folder of its own, with the package's data sets beside it. */
  readonly folder: string;
  run(...args: readonly string[]): Promise<Outcome>;
  /** Starts it and leaves it running. */
  start(...args: readonly string[]): ReturnType<typeof spawn>;
  remove(): void;
}

export function installCommand(): Command {
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-cli-"));
  linkPackage(folder);
  const main = join(folder, "dist", "cli", "main.js");
  const start = (...args: readonly string[]): ReturnType<typeof spawn> =>
    spawn(process.execPath, [main, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  return {
    folder,
    start,
    run: (...args) =>
      new Promise((resolve) => {
        const child = start(...args);
        const [out, err]: [Buffer[], Buffer[]] = [[], []];
        child.stdout!.on("data", (chunk: Buffer) => out.push(chunk));
        child.stderr!.on("data", (chunk: Buffer) => err.push(chunk));
        child.on("close", (code) => {
          resolve({ code, stdout: String(Buffer.concat(out)), stderr: String(Buffer.concat(err)) });
        });
      }),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
