/**
 * Peers: other programs that train the same net on the same rows, each a separate process.
 *
 * The protocol is at the top of serve.mjs beside their scripts. Where a script, its interpreter or
 * its library is not there, the peer is absent, and says why.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { BailiwickError } from "../../shared/errors.ts";
import { type AbsentPeer, startPeerProcess } from "../peer-process.ts";
import type { Workload } from "./workload.ts";

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

interface PeerScript {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
  /** Tried one after the other. */
  readonly interpreters: readonly string[];
}

const PEERS: readonly PeerScript[] = [
  { name: "plain", script: "plain.mjs", args: [], interpreters: [process.execPath] },
  { name: "tfjs cpu", script: "tfjs.mjs", args: ["cpu"], interpreters: [process.execPath] },
  { name: "tfjs wasm", script: "tfjs.mjs", args: ["wasm"], interpreters: [process.execPath] },
  { name: "tfjs-node", script: "tfjs.mjs", args: ["node"], interpreters: [process.execPath] },
  // The first python3 on the PATH may lack the packages of the system's.
  {
    name: "torch",
    script: "pytorch.py",
    args: [],
    interpreters: ["python3", "/usr/bin/python3"],
  },
];

/**
 * Starts every peer on the workload. Those that run must be closed.
 *
 * @param python - One with another version of torch, which is shown apart.
 */
export async function startPeers(
  folder: string,
  workload: Workload,
  python?: string,
): Promise<readonly (Peer | AbsentPeer)[]> {
  const peers: (Peer | AbsentPeer)[] = [];
  const named = { name: "other torch", script: "pytorch.py", args: [] };
  const scripts = python === undefined ? PEERS : [...PEERS, { ...named, interpreters: [python] }];
  for (const { name, script, args, interpreters } of scripts) {
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
  const talk = startPeerProcess(name, command);
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

function base64(values: Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64");
}
