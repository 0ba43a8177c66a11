/** A NATS server of its own for a test: a free loopback port, JetStream in a temporary folder. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect as connectClient } from "@nats-io/transport-node";
import { findServer } from "../../../experiments/peers/find-nats-server.mjs";

export interface NatsServer {
  readonly url: string;
  readonly port: number;
  /** Where it keeps everything. */
  readonly store: string;
  /** SIGKILL; what was acknowledged must be there after `start`. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Removes everything that it keeps; it must be killed before. */
  forgetAll(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/**
 * @param more - Lines of its configuration beside what every test needs.
 * @param store - More of what keeps its streams; null for a leaf node, which leaves them to its hub.
 */
export async function startNats(more = "", store: string | null = ""): Promise<NatsServer> {
  const path = await findServer();
  const folder = await mkdtemp(join(tmpdir(), "bailiwick-nats-"));
  const port = await freePort();
  const config = join(folder, "server.conf");
  await writeFile(
    config,
    `listen: "127.0.0.1:${port}"
${store === null ? "" : `jetstream { store_dir: "${folder}/jetstream", sync_interval: always ${store} }`}
${more}
`,
  );
  let child: ChildProcess | null = null;
  const kill = async (): Promise<void> => {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null) return;
    const gone = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGKILL");
    await gone;
  };
  const start = async (): Promise<void> => {
    child = spawn(path, ["-c", config], { stdio: ["ignore", "ignore", "pipe"] });
    let [said, isReady] = ["", false];
    child.stderr!.on("data", (chunk: Buffer) => {
      said = `${said}${chunk}`.slice(-2000);
      isReady ||= said.includes("Server is ready");
    });
    for (let attempt = 0; attempt < 200; attempt++) {
      if (child.exitCode !== null) throw new Error(`nats-server ended: ${said}`);
      if (isReady && (await answers(port))) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`nats-server did not start: ${said}`);
  };
  await start();
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    store: join(folder, "jetstream"),
    kill,
    start,
    forgetAll: () => rm(join(folder, "jetstream"), { recursive: true, force: true }),
    stop: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Three servers of one cluster, each with a store of its own; ready when they keep streams. */
export async function startNatsCluster(): Promise<readonly NatsServer[]> {
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  const routes = ports.map((port) => `"nats://127.0.0.1:${port}"`).join(", ");
  const servers = await Promise.all(
    ports.map((port, i) => {
      const cluster = `name: test, listen: "127.0.0.1:${port}", routes: [${routes}]`;
      return startNats(`server_name: s${i}\ncluster { ${cluster} }`);
    }),
  );
  const nc = await connectClient({ servers: servers[0]!.url });
  const { streams } = await jetstreamManager(nc, { checkAPI: false });
  const probe = { name: "probe", subjects: ["probe"], num_replicas: 3 };
  for (let attempt = 0; ; attempt++) {
    try {
      await streams.add(probe);
      break;
    } catch (error) {
      if (attempt >= 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  await streams.delete(probe.name);
  await nc.close();
  return servers;
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
