/** Peers of the conformance suite, started and killed. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MessageChannel, Worker } from "node:worker_threads";
import { inject } from "vitest";
import { attachThread, type Hub } from "../../../src/cluster/fabric/index.ts";
import type { Peer, PeerRole } from "./conformance.ts";

const PEER = fileURLToPath(new URL("peer.mjs", import.meta.url));

function fabricModule(): string {
  return join(inject("compiled"), "dist/cluster/fabric/index.js");
}

/** @param hub - Of this process, whose thread the peer is. */
export async function startThreadPeer(hub: Hub, role: PeerRole): Promise<Peer> {
  const { port1, port2 } = new MessageChannel();
  const workerData = { fabricModule: fabricModule(), role, port: port2 };
  const worker = new Worker(PEER, { workerData, transferList: [port2] });
  attachThread(hub, worker, port1);
  await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  return { kill: async () => void (await worker.terminate()) };
}

export async function startProcessPeer(url: string, role: PeerRole): Promise<Peer> {
  const child = spawn(process.execPath, [PEER, fabricModule(), role, url], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve, reject) => {
    child.stdout.once("data", resolve);
    child.once("exit", (code) => reject(new Error(`the peer ended with ${code}`)));
  });
  return {
    kill: async () => {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await gone;
    },
  };
}
