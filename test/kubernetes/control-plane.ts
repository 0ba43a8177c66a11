/** A real control plane for a test: etcd, kube-apiserver and kube-controller-manager. */
import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import type { RequestOptions } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createKubeApi, type KubeApi } from "../../src/cluster/kubernetes/index.ts";
import { until } from "../cluster/fabric/conformance.ts";
import { freePort } from "../cluster/fabric/nats-server.ts";
import { findProgram } from "../system/debian.ts";

const CACHE = fileURLToPath(
  new URL("../../node_modules/.cache/bailiwick/kubernetes-1.36.3", import.meta.url),
);
const ADMIN = "admin-token-of-this-test";
const CONTROLLER = "controller-token-of-this-test";
/** As the API server knows the account of docs/deploy/kubernetes/controller.yaml. */
const ACCOUNT = "system:serviceaccount:default:bailiwick-controller";

export interface ControlPlane {
  readonly admin: KubeApi;
  /** With the rights of docs/deploy/kubernetes/controller.yaml alone. */
  readonly controller: KubeApi;
  /** A kubeconfig of the same rights. */
  readonly kubeconfig: string;
  /** Ends the API server; etcd keeps what it knows. */
  stopApi(): Promise<void>;
  startApi(): Promise<void>;
  stop(): Promise<void>;
}

/** The folder of the build. @throws with the line to run if it is not there. */
export function findBuild(): string {
  if (existsSync(CACHE)) return CACHE;
  throw new Error("a built Kubernetes must be there, run: bash test/kubernetes/build.sh");
}

export async function startControlPlane(): Promise<ControlPlane> {
  const bin = join(findBuild(), "bin");
  const etcd = findProgram("etcd", "usr/bin/etcd", ["etcd-server"]);
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-kubernetes-"));
  const [port, client, peer] = [await freePort(), await freePort(), await freePort()];
  const server = `https://127.0.0.1:${port}`;
  const children: ChildProcess[] = [];
  const run = (name: string, path: string, args: readonly string[]): ChildProcess => {
    const log = openSync(join(folder, `${name}.log`), "a");
    const env = { ...process.env, ...etcd.env };
    const child = spawn(path, args, { stdio: ["ignore", log, log], env });
    children.push(child);
    return child;
  };
  writeTokens(folder);
  const etcdUrl = `http://127.0.0.1:${client}`;
  const peerUrl = `http://127.0.0.1:${peer}`;
  run("etcd", etcd.path, [
    ...["--data-dir", join(folder, "etcd")],
    ...["--listen-client-urls", etcdUrl, "--advertise-client-urls", etcdUrl],
    ...["--listen-peer-urls", peerUrl, "--initial-advertise-peer-urls", peerUrl],
    ...["--initial-cluster", `default=${peerUrl}`],
  ]);
  const key = join(folder, "sa.key");
  const admin = apiOf(server, ADMIN);
  let api: ChildProcess | null = null;
  const startApi = async (): Promise<void> => {
    api = run("api", join(bin, "kube-apiserver"), [
      ...[`--etcd-servers=${etcdUrl}`, "--bind-address=127.0.0.1", `--secure-port=${port}`],
      ...[`--cert-dir=${folder}/certs`, "--service-account-issuer=https://test.invalid"],
      ...[`--service-account-signing-key-file=${key}`, `--service-account-key-file=${key}`],
      ...["--authorization-mode=RBAC", `--token-auth-file=${folder}/tokens.csv`],
      ...["--service-cluster-ip-range=10.96.0.0/24", "--disable-admission-plugins=ServiceAccount"],
    ]);
    await until(() => isReady(admin), 60_000);
  };
  await startApi();
  run("controllers", join(bin, "kube-controller-manager"), [
    `--kubeconfig=${writeConfig(folder, server, ADMIN)}`,
    "--controllers=deployment-controller,replicaset-controller,statefulset-controller," +
      "garbage-collector-controller",
    ...["--leader-elect=false", "--secure-port=0"],
  ]);
  return {
    admin,
    controller: apiOf(server, CONTROLLER),
    kubeconfig: writeConfig(folder, server, CONTROLLER),
    startApi,
    stopApi: () => end(api!),
    stop: async () => {
      await Promise.all(children.reverse().map(end));
      rmSync(folder, { recursive: true });
    },
  };
}

async function isReady(api: KubeApi): Promise<true | undefined> {
  try {
    await api.send({ method: "GET", path: "api/v1/namespaces/default" });
    return true;
  } catch {
    return undefined;
  }
}

function apiOf(server: string, token: string): KubeApi {
  return createKubeApi(new URL(server), async (options: RequestOptions) => {
    // Its certificate is of its own making.
    options.rejectUnauthorized = false;
    options.headers = { authorization: `Bearer ${token}` };
  });
}

function writeTokens(folder: string): void {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(join(folder, "sa.key"), privateKey.export({ type: "pkcs1", format: "pem" }));
  const lines = [`${ADMIN},admin,1,system:masters`, `${CONTROLLER},${ACCOUNT},2`];
  writeFileSync(join(folder, "tokens.csv"), `${lines.join("\n")}\n`);
}

function writeConfig(folder: string, server: string, token: string): string {
  const path = join(folder, `${token}.json`);
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "u", user: { token } }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}
