/**
 * A peer's process: another program that is asked one JSON document a line, and answers likewise.
 *
 * The scripts lie in a checkout's experiments/peers. A process that ends, says nothing in time or
 * answers what is not JSON has failed: it is killed and cannot be asked again.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { BailiwickError } from "../shared/errors.ts";

/** Where a checkout keeps them, as seen from src/benches and from dist/benches. */
export const PEERS_FOLDER: string = fileURLToPath(
  new URL("../../experiments/peers", import.meta.url),
);

/** A peer that cannot run here, with the reason. */
export interface AbsentPeer {
  readonly name: string;
  readonly absent: string;
}

export interface PeerProcess {
  /** One question at a time. @throws WORKER_FAILED if it has failed. */
  ask(request: object): Promise<unknown>;
  /** Ends the process. */
  close(): void;
}

/** How long a peer may think. */
export const PEER_LIMIT_MS = 600_000;

/** Environment that keeps numeric libraries of Python and R on one thread. */
const ONE_THREAD = { OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };
/** The length of a wrong answer, or of stderr, that an error repeats. */
const QUOTED = 200;

export function startPeerProcess(
  name: string,
  [file, ...args]: readonly [string, ...string[]],
  limitMs: number = PEER_LIMIT_MS,
): PeerProcess {
  const child = spawn(file, args, { env: { ...process.env, ...ONE_THREAD } });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = endOf(name, child);
  const answer = async (): Promise<unknown> => {
    const line = await lines.next();
    return line.done === true ? await ended : parseAnswer(name, line.value);
  };
  const close = (): void => {
    child.kill("SIGKILL");
  };
  return {
    async ask(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const limit = startLimit(name, limitMs);
      try {
        return await Promise.race([answer(), ended, limit.passed]);
      } catch (error) {
        close();
        throw error;
      } finally {
        limit.stop();
      }
    },
    close,
  };
}

/** The error of a peer that broke the protocol. */
export function peerFailed(name: string, found: string, cause?: unknown): BailiwickError {
  const message = `the peer ${name} must answer, ${found}`;
  return new BailiwickError("WORKER_FAILED", message, { peer: name }, cause);
}

function parseAnswer(name: string, line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw peerFailed(name, `it said "${line.slice(0, QUOTED)}", which is not JSON`, cause);
  }
}

function startLimit(
  name: string,
  limitMs: number,
): { readonly passed: Promise<never>; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<never>((_, reject) => {
    const seconds = limitMs / 1000;
    timer = setTimeout(() => reject(peerFailed(name, `it did not in ${seconds} s`)), limitMs);
  });
  return { passed, stop: () => clearTimeout(timer) };
}

/** Rejects when the process has ended, with the last line that it wrote to stderr. */
function endOf(name: string, child: ChildProcessWithoutNullStreams): Promise<never> {
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-2000);
  });
  const ended = new Promise<never>((_, reject) => {
    const fail = (cause?: Error): void => {
      const last = cause?.message ?? said.trim().split("\n").at(-1)?.slice(0, QUOTED);
      reject(peerFailed(name, `its process ended: ${last}`, cause));
    };
    child.on("error", fail);
    child.stdin.on("error", () => {}); // Its end is reported by the process's.
    child.on("close", () => fail());
  });
  // No caller may be waiting for an answer when it ends.
  ended.catch(() => {});
  return ended;
}
