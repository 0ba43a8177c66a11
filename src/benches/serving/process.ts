/** A server in a separate process: the command as a user starts it, on a free port. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { PEER_LIMIT_MS, peerFailed } from "../peer-process.ts";

/** A program and its first arguments, for example ["node", "dist/cli/main.js"]. */
export type CommandLine = readonly [string, ...string[]];

export interface ServerProcess {
  /** For example "http://127.0.0.1:8080". */
  readonly origin: string;
  /** Resident bytes, by the server's metrics. */
  memoryBytes(): Promise<number>;
  /** Tells it to stop, and waits until it has; its exit code. */
  close(): Promise<number | null>;
}

const ADDRESS = /serving .* at (http:\/\/[^/"]+)\/v2/;

/** @throws WORKER_FAILED if it ends before it serves. */
export async function startServer(
  [file, ...args]: CommandLine,
  folders: readonly string[],
): Promise<ServerProcess> {
  const child = spawn(file, [...args, "serve", ...folders, "--port", "0"], {
    stdio: ["ignore", "ignore", "pipe"],
    timeout: PEER_LIMIT_MS,
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const origin = await new Promise<string>((resolve, reject) => {
    let last = "";
    // Read to the end: a pipe that is full would hold up the server.
    createInterface({ input: child.stderr }).on("line", (line) => {
      last = line;
      const [, found] = ADDRESS.exec(line) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once("error", (cause) => reject(peerFailed("serve", "it did not start", cause)));
    void ended.then(() => reject(peerFailed("serve", `its process ended: ${last}`)));
  });
  return {
    origin,
    memoryBytes: async () => {
      const text = await (await fetch(`${origin}/metrics`)).text();
      return Number(/^process_resident_memory_bytes (\d+)/m.exec(text)?.[1]);
    },
    close: () => {
      child.kill("SIGTERM");
      return ended;
    },
  };
}
