/**
 * Goal: Models and NodePools become servers and nodes that answer, on Kubernetes itself.
 * Method: a real kube-apiserver and kube-controller-manager, a kubelet that starts processes, and
 * `bailiwick kubernetes` with the rights of docs/deploy/kubernetes/controller.yaml and no others.
 */
import { type ChildProcess, spawn } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { KubeFailure } from "../../src/cluster/kubernetes/index.ts";
import { until } from "../cluster/fabric/conformance.ts";
import { type NatsServer, startNats } from "../cluster/fabric/nats-server.ts";
import { type ControlPlane, findBuild, startControlPlane } from "./control-plane.ts";
import { type Kubelet, startKubelet } from "./kubelet.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MANIFESTS = join(ROOT, "docs", "deploy", "kubernetes");
const CUSTOM = "apis/bailiwick.dev/v1alpha1/namespaces/default";
const TOKEN = "a-token-of-this-test";
const ROW = { cement: 540, water: 162, coarse_aggregate: 1040, fine_aggregate: 676, age: 28 };
const OTHER = { blast_furnace_slag: 0, fly_ash: 0, superplasticizer: 2.5 };

/** How long the API server is gone; longer by the environment: OUTAGE_SECONDS=300. */
const OUTAGE_SECONDS = Number(process.env["OUTAGE_SECONDS"] ?? 5);

let folder: string;
let plane: ControlPlane;
let nats: NatsServer;
let kubelet: Kubelet;
const controllers: ChildProcess[] = [];
const said: string[] = [];

/** A folder as after `npm install bailiwick @kubernetes/client-node`. */
function install(): string {
  const modules = join(folder, "node_modules");
  mkdirSync(modules);
  const link = (from: string, names: readonly string[]): void => {
    for (const name of names) symlinkSync(join(from, name), join(modules, name));
  };
  link(join(ROOT, "node_modules"), readdirSync(join(ROOT, "node_modules")).filter(isPackage));
  symlinkSync(join(findBuild(), "node_modules", "@kubernetes"), join(modules, "@kubernetes"));
  cpSync(join(inject("compiled"), "dist"), join(folder, "dist"), { recursive: true });
  cpSync(join(ROOT, "package.json"), join(folder, "package.json"));
  return join(folder, "dist", "cli", "main.js");
}

function isPackage(name: string): boolean {
  return !name.startsWith(".") && name !== "@kubernetes";
}

function documents(name: string): readonly string[] {
  return readFileSync(join(MANIFESTS, name), "utf8").split("\n---\n");
}

/** As `kubectl apply`: unknown keys are refused. */
async function apply(text: string, strict = "Strict"): Promise<unknown> {
  const kind = /^kind: (\w+)$/m.exec(text)![1]!;
  const name = /name: ([a-z.-]+)/.exec(text)![1]!;
  const places: Record<string, string> = {
    CustomResourceDefinition: "apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    ServiceAccount: "api/v1/namespaces/default/serviceaccounts",
    Role: "apis/rbac.authorization.k8s.io/v1/namespaces/default/roles",
    RoleBinding: "apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
    Model: `${CUSTOM}/models`,
    NodePool: `${CUSTOM}/nodepools`,
    ScaledObject: "apis/keda.sh/v1alpha1/namespaces/default/scaledobjects",
  };
  const query = `fieldManager=test&force=true&fieldValidation=${strict}`;
  const [path, type] = [`${places[kind]}/${name}?${query}`, "application/apply-patch+yaml"];
  return plane.admin.send({ method: "PATCH", path, body: text, type });
}

function startCommand(main: string): void {
  const child = spawn(
    process.execPath,
    [main, "kubernetes", "--fabric", nats.url, "--image", "registry.example/bailiwick:0.1.0"],
    { env: { ...process.env, KUBECONFIG: plane.kubeconfig }, stdio: ["ignore", "ignore", "pipe"] },
  );
  child.stderr!.on("data", (chunk) => said.push(String(chunk)));
  controllers.push(child);
}

interface Told {
  readonly spec: Record<string, unknown>;
  readonly status?: { readonly conditions?: readonly Record<string, unknown>[]; replicas?: number };
}

async function read(path: string): Promise<Told> {
  return (await plane.admin.send({ method: "GET", path: `${CUSTOM}/${path}` })) as Told;
}

/** The API server reads the kinds that are not its own a moment after its start. */
async function untilServed(): Promise<void> {
  const paths = ["models", "nodepools"];
  await until(
    () =>
      Promise.all(paths.map(read)).then(
        () => true as const,
        () => undefined,
      ),
    20_000,
  );
}

async function conditionOf(path: string, type: string): Promise<Record<string, unknown>> {
  const { status } = await read(path);
  return status?.conditions?.find((one) => one["type"] === type) ?? {};
}

async function untilReady(path: string, reason = "Ready"): Promise<void> {
  await until(async () => {
    return (await conditionOf(path, "Ready"))["reason"] === reason ? true : undefined;
  }, 60_000);
}

async function predict(): Promise<number> {
  const [url] = kubelet.urlsOf("model-concrete");
  const answer = await fetch(`${url}/v1/predict`, {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({ rows: [{ ...ROW, ...OTHER }] }),
  });
  return answer.status;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bailiwick-installed-"));
  const tokens = join(folder, "tokens");
  mkdirSync(tokens);
  writeFileSync(join(tokens, "tokens"), `${TOKEN}\n`);
  const main = install();
  [plane, nats] = await Promise.all([startControlPlane(), startNats()]);
  const volumes = { models: join(ROOT, "models"), tokens };
  kubelet = startKubelet(plane.admin, [process.execPath, main], volumes);
  for (const text of documents("crds.yaml")) await apply(text);
  for (const text of documents("controller.yaml").slice(0, 3)) await apply(text);
  await untilServed();
  startCommand(main);
  startCommand(main);
});

afterAll(async () => {
  for (const child of controllers) child.kill("SIGKILL");
  await kubelet?.stop();
  await plane?.stop();
  await nats?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const MODEL = documents("example.yaml")[1]!;
const POOL = documents("example.yaml")[0]!;

test.each([
  ["an unknown key", MODEL.replace("  bundle:", "  bundel: x\n  bundle:"), "bundel"],
  ["99 replicas", MODEL.replace("replicas: 2", "replicas: 99"), "spec.replicas"],
  ["pins to no zone", MODEL.replace("zones: [eu]", "zones: []"), "zones"],
  ["a zone twice", MODEL.replace("zones: [eu]", "zones: [eu, eu]"), "must name each zone once"],
  ["a bundle elsewhere", MODEL.replace("bundle: concrete", "bundle: ../x"), "spec.bundle"],
  ["min above max", POOL.replace("min: 2", "min: 9"), "min must be at most max"],
  ["no memory", POOL.replace("256MB", "0MB"), "spec.memory"],
])("the API server refuses %s", async (_, text, named) => {
  const refused = await apply(text).then(
    () => null,
    (error: unknown) => error,
  );
  expect(refused).toBeInstanceOf(KubeFailure);
  expect((refused as KubeFailure).message).toContain(named);
});

test("KEDA's schema takes our manifest, and refuses one with a key that it does not know", async () => {
  await apply(readFileSync(join(findBuild(), "keda.sh_scaledobjects.yaml"), "utf8"));
  const [text] = documents("keda.yaml");
  const retry = async () =>
    apply(text!).then(
      () => true as const,
      () => undefined,
    );
  await until(retry, 20_000);
  await expect(apply(text!.replace("triggers:", "trigger:"))).rejects.toThrow("trigger");
});

test("the containers of the ServingRuntime are such as Kubernetes takes", async () => {
  const [text] = documents("kserve.yaml");
  const head =
    "apiVersion: v1\nkind: Pod\nmetadata: { name: runtime, namespace: default }\nspec:\n";
  const body = head + text!.slice(text!.indexOf("  containers:"));
  const path = "api/v1/namespaces/default/pods?dryRun=All&fieldValidation=Strict";
  await plane.admin.send({ method: "POST", path, body, type: "application/yaml" });
});

test("what is applied becomes a server that answers, by nodes in the zone", async () => {
  for (const text of documents("example.yaml")) await apply(text);
  await untilReady("nodepools/eu");
  await untilReady("models/concrete");
  expect(await conditionOf("models/concrete", "PinsHaveNodes")).toMatchObject({ status: "True" });
  expect(await predict()).toBe(200);
  expect(said.join("").match(/is the controller/g)).toHaveLength(1);
});

test("an autoscaler sets the number of nodes, within the pool's limits", async () => {
  const path = `${CUSTOM}/nodepools/eu/scale`;
  const type = "application/merge-patch+json";
  for (const [asked, got] of [
    [3, 3],
    [1, 2],
  ] as const) {
    const body = { spec: { replicas: asked } };
    await plane.admin.send({ method: "PATCH", path, body, type });
    await until(async () => {
      const scale = (await plane.admin.send({ method: "GET", path })) as Told;
      return scale.status?.replicas === got ? true : undefined;
    }, 60_000);
  }
});

test("without the API server predictions go on, and what was missed is caught up", {
  timeout: 1000 * (180 + OUTAGE_SECONDS),
}, async () => {
  await plane.stopApi();
  const statuses: number[] = [];
  for (const end = performance.now() + 1000 * OUTAGE_SECONDS; performance.now() < end; ) {
    statuses.push(await predict());
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  process.stderr.write(`${statuses.length} predictions without the API server\n`);
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  await plane.startApi();
  await untilServed();
  await apply(POOL.replace("min: 2", "min: 3"));
  await until(async () => {
    return (await read("nodepools/eu")).status?.replicas === 3 ? true : undefined;
  }, 60_000);
});

test("when the acting controller is killed the other takes over", async () => {
  const acting = said.join("").match(/(\S+) is the controller/)![1]!;
  const before = said.join("").split("is the controller").length;
  const victim = controllers.find(({ pid }) => acting.includes(String(pid)))!;
  victim.kill("SIGKILL");
  await until(() => {
    return said.join("").split("is the controller").length > before ? true : undefined;
  }, 60_000);
});

test("a server that dies again and again is told as broken, not as starting", async () => {
  const stop = setInterval(() => kubelet.kill("model-concrete"), 300);
  await untilReady("models/concrete", "Broken");
  clearInterval(stop);
  await untilReady("models/concrete");
});

test("a Model that is deleted leaves the fabric and takes its servers with it", async () => {
  await plane.admin.send({ method: "DELETE", path: `${CUSTOM}/models/concrete` });
  await until(async () => {
    const gone = await read("models/concrete").then(
      () => null,
      (error: unknown) => error,
    );
    return gone instanceof KubeFailure && gone.status === 404 ? true : undefined;
  }, 90_000);
  expect(kubelet.urlsOf("model-concrete")).toEqual([]);
});
