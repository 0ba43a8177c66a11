/**
 * Peers: other programs that train the same net on the same rows, each a process of its own.
 *
 * Their scripts lie in a checkout's test/bench/peers and speak one JSON document a line; the
 * protocol is at the top of serve.mjs there. Where a script, its interpreter or its library is
 * not there, the peer is absent, and says why.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { BailiwickError } from "../shared/errors.ts";
import type { Workload } from "./kernel-workload.ts";

/** Where a checkout keeps them, as seen from src/experiments and from dist/experiments. */
export const PEERS_FOLDER: string = fileURLToPath(
  new URL("../../test/bench/peers", import.meta.url),
);

export interface PeerEpoch {
  /** CPU time of the peer's process. */
  readonly cpuMs: number;
  /** Mean squared error over all rows after it. */
  readonly mse: number;
}

export interface Peer {
  readonly name: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Ways to write the training step that it knows. */
  readonly styles: readonly string[];
  /** Trains one more epoch. @throws WORKER_FAILED if the process ended. */
  epoch(style: string, batch: number): Promise<PeerEpoch>;
  close(): void;
}

/** A peer that cannot run here, with the reason. */
export interface AbsentPeer {
  readonly name: string;
  readonly absent: string;
}

const PEERS = [
  { name: "plain", script: "plain.mjs", args: [], interpreters: [process.execPath] },
  { name: "tfjs cpu", script: "tfjs.mjs", args: ["cpu"], interpreters: [process.execPath] },
  { name: "tfjs wasm", script: "tfjs.mjs", args: ["wasm"], interpreters: [process.execPath] },
  // A python3 of the user's own may lack the system's packages.
  {
    name: "torch",
    script: "pytorch.py",
    args: [],
    interpreters: ["python3", "/usr/bin/python3"],
  },
] as const;

/** Starts every peer on the workload. Those that run must be closed. */
export async function startPeers(
  folder: string,
  workload: Workload,
): Promise<readonly (Peer | AbsentPeer)[]> {
  const peers: (Peer | AbsentPeer)[] = [];
  for (const { name, script, args, interpreters } of PEERS) {
    const path = join(folder, script);
    let peer: Peer | AbsentPeer = { name, absent: `the script ${script} is not there` };
    for (const interpreter of existsSync(path) ? interpreters : []) {
      peer = await startPeer(name, [interpreter, path, ...args], workload);
      if ("epoch" in peer) break;
    }
    peers.push(peer);
  }
  return peers;
}

type Greeting = Pick<Peer, "versions" | "styles"> | { readonly unavailable: string };

async function startPeer(
  name: string,
  command: readonly [string, ...string[]],
  { X, y, net, learningRate }: Workload,
): Promise<Peer | AbsentPeer> {
  const talk = startConversation(name, command);
  const first = { nRows: X.nRows, sizes: net.sizes, learningRate };
  const arrays = { X: base64(X.values), y: base64(y), parameters: base64(net.parameters) };
  try {
    const greeting = (await talk.ask({ ...first, ...arrays })) as Greeting;
    if ("unavailable" in greeting) {
      talk.close();
      return { name, absent: greeting.unavailable };
    }
    return {
      name,
      ...greeting,
      epoch: async (style, batch) => (await talk.ask({ style, batch })) as PeerEpoch,
      close: talk.close,
    };
  } catch (error) {
    talk.close();
    if (error instanceof BailiwickError) return { name, absent: error.message };
    throw error;
  }
}

interface Conversation {
  ask(request: object): Promise<unknown>;
  close(): void;
}

/** One question at a time, each answered by one line. */
function startConversation(
  name: string,
  [file, ...args]: readonly [string, ...string[]],
): Conversation {
  const child = spawn(file, args, { env: { ...process.env, ...ONE_THREAD } });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = endOf(name, child);
  const answer = async (): Promise<unknown> => {
    const line = await lines.next();
    return line.done === true ? await ended : JSON.parse(line.value);
  };
  return {
    ask(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      return Promise.race([answer(), ended]);
    },
    close: () => child.stdin.end(),
  };
}

/** What keeps numeric libraries of Python from starting threads of their own. */
const ONE_THREAD = { OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };

/** Rejects when the process has ended, with the last line that it wrote to stderr. */
function endOf(name: string, child: ChildProcessWithoutNullStreams): Promise<never> {
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-2000);
  });
  const ended = new Promise<never>((_, reject) => {
    const fail = (cause?: Error): void => {
      const last = cause?.message ?? said.trim().split("\n").at(-1);
      const message = `the peer ${name} must answer, its process ended: ${last}`;
      reject(new BailiwickError("WORKER_FAILED", message, { peer: name }, cause));
    };
    child.on("error", fail);
    child.stdin.on("error", () => {}); // Its end is reported by the process's.
    child.on("close", () => fail());
  });
  // Nobody may be waiting for an answer when it ends.
  ended.catch(() => {});
  return ended;
}

function base64(values: Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64");
}
