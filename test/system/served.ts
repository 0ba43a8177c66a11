/** `bailiwick serve` in a process, with what it says and how it ends. */
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { createServer, type Server } from "node:net";
import { createInterface } from "node:readline";
import { commandLine } from "./command-line.ts";

export const MODEL = "models/concrete";

/** One row for `POST /v1/predict`. */
export const ROW = {
  cement: 540,
  blast_furnace_slag: 0,
  fly_ash: 0,
  water: 162,
  superplasticizer: 2.5,
  coarse_aggregate: 1040,
  fine_aggregate: 676,
  age: 28,
};

export interface Ending {
  readonly exit: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Served {
  readonly child: ChildProcess;
  /** For example "http://127.0.0.1:8080". */
  readonly address: string;
  readonly ended: Promise<Ending>;
  /** The lines of its log so far. */
  readonly lines: readonly string[];
}

/** Starts the command, to be ended by the caller. */
export function start(args: readonly string[], stdio: StdioOptions = ["ignore", "ignore", "pipe"]) {
  const [program, main] = commandLine();
  const child = spawn(program!, [main!, "serve", ...args], { stdio });
  const ended = new Promise<Ending>((resolve) => {
    child.once("close", (exit, signal) => resolve({ exit, signal }));
  });
  return { child, ended };
}

/** A server that listens. @throws if it ends before. */
export async function startServed(args: readonly string[]): Promise<Served> {
  const { child, ended } = start(args);
  const lines: string[] = [];
  const address = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr! }).on("line", (line) => {
      lines.push(line);
      const [, found] = /serving .* at (http:\/\/[^/"]+)\/v2/.exec(line) ?? [];
      if (found !== undefined) resolve(found);
    });
    void ended.then(() => reject(new Error(`serve must start, it said ${lines.join("\n")}`)));
  });
  return { child, address, ended, lines };
}

/** Tells the server to stop, and gives how it ends. */
export function stop({ child, ended }: Pick<Served, "child" | "ended">): Promise<Ending> {
  child.kill("SIGTERM");
  return ended;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("a port must be free");
  return address.port;
}
