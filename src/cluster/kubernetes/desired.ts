/** Pure: the objects that a Model or a NodePool stands for, as they are applied. */
import {
  GROUP,
  MANAGED_BY,
  MANAGER,
  MODEL_LABEL,
  type Model,
  type NodePool,
  POOL_LABEL,
  VERSION,
} from "./resources.ts";

export interface DeploySettings {
  readonly image: string;
  /** NATS servers, as for --fabric. */
  readonly fabric: string;
  /** A PersistentVolumeClaim with the bundles' folders. */
  readonly bundles: string;
  /** A Secret with the key `tokens`: one bearer token a line. */
  readonly tokens: string;
}

/** An object to apply, with the path of its kind: "apis/apps/v1/…/deployments". */
export interface Desired {
  readonly kind: "Deployment" | "StatefulSet" | "Service";
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const PORT = 8080;
/** What a process needs beside experts. */
const BASE_BYTES = 400e6;
/** Longer than nodes and servers take to hand over. */
const GRACE_SECONDS = 30;
const UNITS: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9 };

/** A server of the model and the Service before it. */
export function desiredOfModel(model: Model, settings: DeploySettings): readonly Desired[] {
  const { metadata, spec } = model;
  const name = `model-${metadata.name}`;
  const labels = { [MANAGED_BY]: MANAGER, [MODEL_LABEL]: metadata.name };
  const selector = { [MODEL_LABEL]: metadata.name };
  const common = {
    namespace: metadata.namespace,
    labels,
    ownerReferences: [owner("Model", model)],
  };
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, ...common },
    spec: {
      replicas: 1,
      selector: { matchLabels: selector },
      // The old server answers until the new one is ready.
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: { metadata: { labels }, spec: serverPod(spec, settings) },
    },
  };
  const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, ...common },
    spec: { selector, ports: [{ name: "http", port: 80, targetPort: PORT, protocol: "TCP" }] },
  };
  return [
    { kind: "Deployment", name, body: deployment },
    { kind: "Service", name, body: service },
  ];
}

function serverPod(spec: Model["spec"], settings: DeploySettings): Record<string, unknown> {
  const { bundles, tokens, fabric } = settings;
  const args = [
    ...["serve", `/models/${spec.bundle}`, "--host", "0.0.0.0", "--port", String(PORT)],
    ...["--fabric", fabric, "--replicas", String(spec.replicas)],
    ...spec.pins.flatMap(({ class: name, zones }) => ["--pin", `${name}=${zones.join(",")}`]),
    ...(spec.ship.length === 0 ? [] : ["--ship", spec.ship.join(",")]),
    ...["--audit", "/state/audit.jsonl", "--token-file", "/tokens/tokens"],
  ];
  const probe = (path: string, periodSeconds: number, failureThreshold: number) => ({
    httpGet: { path, port: PORT },
    ...{ periodSeconds, failureThreshold },
  });
  const container = {
    ...program("server", args, settings),
    ports: [{ name: "http", containerPort: PORT, protocol: "TCP" }],
    // Starting takes as long as this one allows; only then does a silent server count as broken.
    startupProbe: probe("/v2/health/live", 1, 120),
    livenessProbe: probe("/v2/health/live", 5, 6),
    readinessProbe: probe("/v2/health/ready", 1, 2),
    resources: { requests: { memory: String(BASE_BYTES) } },
    volumeMounts: [
      { name: "models", mountPath: "/models", readOnly: true },
      { name: "state", mountPath: "/state" },
      { name: "tokens", mountPath: "/tokens", readOnly: true },
    ],
  };
  return podOf(container, [
    { name: "models", persistentVolumeClaim: { claimName: bundles, readOnly: true } },
    { name: "state", emptyDir: {} },
    { name: "tokens", secret: { secretName: tokens } },
  ]);
}

/** Nodes with names that last, so that a node that comes back is the one that left. */
export function desiredOfPool(pool: NodePool, settings: DeploySettings): readonly Desired[] {
  const { metadata, spec } = pool;
  const name = `pool-${metadata.name}`;
  const labels = { [MANAGED_BY]: MANAGER, [POOL_LABEL]: metadata.name };
  const args = [
    ...["node", "--fabric", settings.fabric, "--name", "$(POD_NAME)", "--zone", spec.zone],
    ...["--memory", spec.memory, "--folder", "/cache"],
  ];
  const container = {
    ...program("node", args, settings),
    env: [{ name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
    resources: { requests: { memory: String(BASE_BYTES + bytesOf(spec.memory)) } },
    volumeMounts: [{ name: "cache", mountPath: "/cache" }],
  };
  // A zone is a place: rows that are pinned to it must be on its machines.
  const place =
    spec.zone === "default" ? {} : { nodeSelector: { "topology.kubernetes.io/zone": spec.zone } };
  const body = {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: {
      ...{ name, namespace: metadata.namespace, labels },
      ownerReferences: [owner("NodePool", pool)],
    },
    spec: {
      replicas: sizeOf(pool),
      serviceName: name,
      podManagementPolicy: "Parallel",
      selector: { matchLabels: { [POOL_LABEL]: metadata.name } },
      template: {
        metadata: { labels },
        spec: { ...podOf(container, [{ name: "cache", emptyDir: {} }]), ...place },
      },
    },
  };
  return [{ kind: "StatefulSet", name, body }];
}

/** What an autoscaler asked for, within the pool's limits. */
export function sizeOf({ spec }: NodePool): number {
  return Math.max(spec.min, Math.min(spec.max, spec.replicas ?? spec.min));
}

function bytesOf(memory: string): number {
  return Number(memory.slice(0, -2)) * UNITS[memory.slice(-2)]!;
}

function program(
  name: string,
  args: readonly string[],
  { image }: DeploySettings,
): Record<string, unknown> {
  return {
    ...{ name, image, command: ["bailiwick"], args },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
  };
}

function podOf(container: unknown, volumes: readonly unknown[]): Record<string, unknown> {
  return {
    containers: [container],
    volumes,
    terminationGracePeriodSeconds: GRACE_SECONDS,
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  };
}

function owner(kind: string, { metadata }: Model | NodePool): Record<string, unknown> {
  const { name, uid } = metadata;
  return { apiVersion: `${GROUP}/${VERSION}`, kind, name, uid, controller: true };
}
