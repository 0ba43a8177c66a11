/**
 * A kubelet for tests: pods run as processes of this machine, each container's `bailiwick` from this
 * checkout. It binds pods, starts and restarts their container, asks the readiness probe, and ends
 * them as their deletion asks for. Volumes are folders; ports are free ones.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CommandLine } from "../../src/benches/serving/process.ts";
import type { KubeApi } from "../../src/cluster/kubernetes/index.ts";
import { freePort } from "../cluster/fabric/nats-server.ts";

interface PodSpec {
  readonly metadata: { name: string; uid: string; deletionTimestamp?: string };
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly {
      readonly name: string;
      readonly image: string;
      readonly args: readonly string[];
      readonly readinessProbe?: { readonly httpGet: { readonly path: string } };
      readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
    }[];
  };
}

interface Running {
  readonly name: string;
  child: ChildProcess;
  readonly port: number;
  restarts: number;
  told: string;
}

export interface Kubelet {
  /** Of the pods whose name begins so. */
  urlsOf(prefix: string): readonly string[];
  /** SIGKILL to the processes of such pods. */
  kill(prefix: string): void;
  stop(): Promise<void>;
}

const EVERY_MS = 200;
const PODS = "api/v1/namespaces/default/pods";

/** @param volumes - Folders by the volume's name; others are empty ones. */
export function startKubelet(
  api: KubeApi,
  bailiwick: CommandLine,
  volumes: Readonly<Record<string, string>>,
): Kubelet {
  const root = mkdtempSync(join(tmpdir(), "bailiwick-kubelet-"));
  const running = new Map<string, Running>();
  let isStopped = false;
  const start = (pod: PodSpec, port: number): ChildProcess => {
    const container = pod.spec.containers[0]!;
    let args = container.args.map((arg) => arg.replace("$(POD_NAME)", pod.metadata.name));
    for (const { name, mountPath } of container.volumeMounts ?? []) {
      const folder = volumes[name] ?? join(root, pod.metadata.uid, name);
      mkdirSync(folder, { recursive: true });
      args = args.map((arg) => (arg.startsWith(mountPath) ? arg.replace(mountPath, folder) : arg));
    }
    args = args.map((arg) => ({ "8080": String(port), "0.0.0.0": "127.0.0.1" })[arg] ?? arg);
    const [program, ...before] = bailiwick;
    return spawn(program!, [...before, ...args], { stdio: "ignore" });
  };
  const look = async (): Promise<void> => {
    const { items } = (await api.send({ method: "GET", path: PODS })) as { items: PodSpec[] };
    const names = new Set(items.map(({ metadata }) => metadata.uid));
    for (const [uid, { child }] of running) if (!names.has(uid)) child.kill("SIGKILL");
    for (const pod of items) await lookAt(pod);
  };
  const lookAt = async (pod: PodSpec): Promise<void> => {
    const { name, uid, deletionTimestamp } = pod.metadata;
    const one = running.get(uid);
    const hasEnded =
      one === undefined || one.child.exitCode !== null || one.child.signalCode !== null;
    if (deletionTimestamp !== undefined) {
      if (!hasEnded) one.child.kill("SIGTERM");
      else await api.send({ method: "DELETE", path: `${PODS}/${name}?gracePeriodSeconds=0` });
      return;
    }
    if (pod.spec.nodeName === undefined) {
      const body = {
        apiVersion: "v1",
        kind: "Binding",
        metadata: { name },
        target: { name: "n1" },
      };
      await api.send({ method: "POST", path: `${PODS}/${name}/binding`, body });
    } else if (one === undefined) {
      const port = await freePort();
      running.set(uid, { name, child: start(pod, port), port, restarts: 0, told: "" });
    } else if (hasEnded) {
      one.restarts += 1;
      one.child = start(pod, one.port);
    } else {
      await tell(pod, one);
    }
  };
  const tell = async (pod: PodSpec, one: Running): Promise<void> => {
    const { name, image, readinessProbe } = pod.spec.containers[0]!;
    const path = readinessProbe?.httpGet.path;
    const ready = path === undefined || (await answers(`http://127.0.0.1:${one.port}${path}`));
    const status = ready ? "True" : "False";
    const text = `${status} ${one.restarts}`;
    if (text === one.told) return;
    one.told = text;
    const body = {
      status: {
        phase: "Running",
        conditions: ["Ready", "ContainersReady"].map((type) => ({ type, status })),
        containerStatuses: [
          {
            ...{ name, image, imageID: "", ready, restartCount: one.restarts },
            state: { running: {} },
          },
        ],
      },
    };
    const type = "application/merge-patch+json";
    await api.send({ method: "PATCH", path: `${PODS}/${pod.metadata.name}/status`, body, type });
  };
  const run = async (): Promise<void> => {
    while (!isStopped) {
      // While the API server is gone, pods run on.
      await look().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  };
  const done = run();
  const alive = (prefix: string): readonly Running[] => {
    return [...running.values()].filter(({ name, child }) => {
      return name.startsWith(prefix) && child.exitCode === null && child.signalCode === null;
    });
  };
  return {
    urlsOf: (prefix) => alive(prefix).map(({ port }) => `http://127.0.0.1:${port}`),
    kill: (prefix) => {
      for (const { child } of alive(prefix)) child.kill("SIGKILL");
    },
    stop: async () => {
      isStopped = true;
      await done;
      for (const { child } of running.values()) child.kill("SIGKILL");
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1000) })).ok;
  } catch {
    return false;
  }
}
