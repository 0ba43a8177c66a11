/**
 * A real cluster on this machine: a NATS server, nodes as separate processes, and a router and
 * a placer here. Whatever is killed is killed by SIGKILL.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Bundle, readBundle, writeBundle } from "../../bundle/index.ts";
import { openAuditLog } from "../../cluster/audit/index.ts";
import { connectNats, type Fabric } from "../../cluster/fabric/index.ts";
import { startNode } from "../../cluster/nodes/index.ts";
import { createPredictive, startPlacer } from "../../cluster/orchestration/index.ts";
import { createRouter, type Router, type RouterOptions } from "../../cluster/router/index.ts";
import type { Engine } from "../../experts/index.ts";
import type { Recombination } from "../../mixture/index.ts";
import { today } from "../../shared/clock.ts";
import { peerFailed } from "../peer-process.ts";
import type { CommandLine } from "../serving/process.ts";
import { drawContent } from "../serving/workload.ts";

/** Where a checkout keeps what finds a server, as seen from src/benches and from dist/benches. */
const FINDER = fileURLToPath(
  new URL("../../../experiments/peers/find-nats-server.mjs", import.meta.url),
);
const READY_MS = 20_000;

export interface NatsProcess {
  readonly url: string;
  readonly version: string;
  kill(): Promise<void>;
  /** Returns as soon as the process is started, which is before it answers. */
  start(): void;
  close(): Promise<void>;
}

/**
 * Starts a NATS server on a free port of this machine; null outside a checkout.
 *
 * @param more - Lines of its configuration.
 */
export async function startNatsProcess(more = ""): Promise<NatsProcess | null> {
  if (!existsSync(FINDER)) return null;
  const { stdout } = await promisify(execFile)(process.execPath, [FINDER]);
  const path = stdout.trim();
  const said = await promisify(execFile)(path, ["--version"]);
  const folder = await mkdtemp(join(tmpdir(), "bailiwick-nats-"));
  const port = await freePort();
  const config = join(folder, "server.conf");
  const store = `jetstream { store_dir: "${folder}/jetstream", sync_interval: always }`;
  await writeFile(config, `listen: "127.0.0.1:${port}"\n${store}\n${more}\n`);
  let child: ChildProcess | null = null;
  const start = (): void => {
    child = spawn(path, ["-c", config], { stdio: "ignore" });
  };
  const kill = async (): Promise<void> => {
    if (child !== null) await killed(child);
    child = null;
  };
  start();
  return {
    url: `nats://127.0.0.1:${port}`,
    version: /\d{1,9}\.\d{1,9}\.\d{1,9}/.exec(said.stdout)?.[0] ?? "unknown",
    kill,
    start,
    close: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Servers of one cluster, started as `startNatsProcess` does. */
export async function startNatsProcesses(n: number): Promise<readonly NatsProcess[] | null> {
  const ports = await Promise.all(Array.from({ length: n }, freePort));
  const routes = ports.map((port) => `"nats://127.0.0.1:${port}"`).join(", ");
  const servers: NatsProcess[] = [];
  for (const [i, port] of ports.entries()) {
    const cluster = `name: bench, listen: "127.0.0.1:${port}", routes: [${routes}]`;
    const server = await startNatsProcess(`server_name: s${i}\ncluster { ${cluster} }`);
    if (server === null) return null;
    servers.push(server);
  }
  return servers;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

/** Connects as soon as the server answers. */
export async function connectSoon(url: string, name: string): Promise<Fabric> {
  const until = Date.now() + READY_MS;
  for (;;) {
    try {
      return await connectNats({ url, name });
    } catch (error) {
      if (Date.now() > until) throw error;
      await delay(50);
    }
  }
}

export interface NodeProcess {
  readonly name: string;
  kill(): Promise<void>;
}

export interface NodeSettings {
  readonly name: string;
  readonly zone?: string;
  readonly train?: boolean;
  /** The file of its key. */
  readonly sealKey?: string;
}

/** `bailiwick node` as a user starts it; returns when it has joined. */
export async function startNodeProcess(
  [file, ...args]: CommandLine,
  url: string,
  { name, zone = "default", train = false, sealKey }: NodeSettings,
): Promise<NodeProcess> {
  const command = ["node", "--fabric", url, "--name", name, "--zone", zone];
  const more = [
    ...(train ? [] : ["--no-train"]),
    ...(sealKey === undefined ? [] : ["--seal-key", sealKey]),
  ];
  const child = spawn(file, [...args, ...command, ...more], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  await new Promise<void>((resolve, reject) => {
    let last = "";
    createInterface({ input: child.stderr }).on("line", (line) => {
      last = line;
      if (line.includes("joined as")) resolve();
    });
    child.once("exit", () => reject(peerFailed("node", `its process ended: ${last}`)));
  });
  return { name, kill: () => killed(child) };
}

export interface ClusterBench {
  readonly serve: CommandLine;
  readonly engine: Engine;
  readonly server: NatsProcess;
}

export interface RunningCluster {
  readonly fabric: Fabric;
  readonly router: Router;
  readonly bundle: Bundle;
  /** Started by this cluster, by name. */
  readonly nodes: ReadonlyMap<string, NodeProcess>;
  start(settings: NodeSettings): Promise<NodeProcess>;
  close(): Promise<void>;
}

export interface ClusterPlan {
  readonly nodes: readonly NodeSettings[];
  readonly recombination: Recombination;
  /** Memory for experts in the router's process; none if 0. */
  readonly localBytes?: number;
  readonly router?: Partial<RouterOptions>;
}

/** A model of four experts, served when every expert has its homes. */
export async function openCluster(
  { serve, engine, server }: ClusterBench,
  { nodes: wanted, recombination, localBytes = 0, router: routing = {} }: ClusterPlan,
): Promise<RunningCluster> {
  const folder = await mkdtemp(join(tmpdir(), "bailiwick-cluster-"));
  const fabric = await connectSoon(server.url, "bench");
  await forgetCluster(fabric);
  const nodes = new Map<string, NodeProcess>();
  const start = async (settings: NodeSettings): Promise<NodeProcess> => {
    const node = await startNodeProcess(serve, server.url, settings);
    nodes.set(settings.name, node);
    return node;
  };
  await Promise.all(wanted.map(start));
  const zone = routing.zone ?? "default";
  const given = { name: "here", zone, engine, memoryBytes: localBytes };
  const local = localBytes === 0 ? null : await startNode(fabric, given);
  const options = { name: "bench", zone, engine, local, replicas: 1 };
  const router = await createRouter(fabric, { ...options, ...routing });
  const placer = await startPlacer(fabric, {
    name: "bench",
    directory: router.directory,
    audit: await openAuditLog(join(folder, "audit.jsonl"), today),
    policy: () => createPredictive({ seed: 1 }),
  });
  await writeBundle(join(folder, "bundle"), drawContent(engine, recombination, 1));
  const bundle = await readBundle(join(folder, "bundle"));
  await router.publish("bench", [bundle], READY_MS);
  return {
    fabric,
    router,
    bundle,
    nodes,
    start,
    close: async () => {
      await placer.close();
      await router.close();
      await local?.close();
      await Promise.all([...nodes.values()].map(({ kill }) => kill()));
      await fabric.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Nothing of a cluster before. */
async function forgetCluster(fabric: Fabric): Promise<void> {
  for (const name of ["models", "homes", "nodes", "leases"] as const) {
    const bucket = await fabric.bucket(name);
    const keys = new Set<string>();
    const stop = await bucket.watch(({ key }) => keys.add(key));
    await delay(100);
    await stop();
    for (const key of keys) await bucket.delete(key);
  }
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export async function until(what: () => boolean, ms: number = READY_MS): Promise<boolean> {
  const end = Date.now() + ms;
  while (!what()) {
    if (Date.now() > end) return false;
    await delay(10);
  }
  return true;
}
