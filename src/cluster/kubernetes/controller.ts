/**
 * Makes the cluster match its Models and NodePools: each look compares all that is wanted with all
 * that is there, so a change that was missed is found at the next one.
 *
 * Pods, servers and nodes need neither this controller nor the API server to answer requests.
 */
import { today } from "../../shared/clock.ts";
import { type KubeApi, KubeFailure } from "./api.ts";
import {
  type DeploySettings,
  type Desired,
  desiredOfModel,
  desiredOfPool,
  sizeOf,
} from "./desired.ts";
import { type Followed, type FollowOptions, follow, pause } from "./follow.ts";
import { holdLease, type Lease } from "./lease.ts";
import {
  FINALIZER,
  GROUP,
  MANAGED_BY,
  MANAGER,
  MODEL_LABEL,
  type Model,
  type NodePool,
  POOL_LABEL,
  type Pod,
  readModel,
  readPod,
  readPool,
  readWorkload,
  VERSION,
  type Workload,
} from "./resources.ts";
import { newConditions, pinsCondition, readyCondition, selectorOf, type Told } from "./status.ts";

export interface ControllerOptions {
  readonly namespace: string;
  /** Unique among the controllers of the namespace. */
  readonly identity: string;
  readonly deploy: DeploySettings;
  /** Takes a model off the fabric; its servers are gone. */
  readonly retire: (bundle: string) => Promise<void>;
  readonly log: (line: string) => void;
  readonly random: () => number;
}

export interface Controller {
  isActive(): boolean;
  close(): Promise<void>;
}

interface Seen {
  readonly models: Followed<Model>;
  readonly pools: Followed<NodePool>;
  readonly deployments: Followed<Workload>;
  readonly sets: Followed<Workload>;
  readonly pods: Followed<Pod>;
}

type Objects = { readonly [Kind in keyof Seen]: NonNullable<ReturnType<Seen[Kind]["objects"]>> };

/** Changes that come together are looked at together. */
const GATHER_MS = 100;
const LOOK_MS = 30_000;
const RETRY_MS = 2000;
const CUSTOM = `apis/${GROUP}/${VERSION}`;
const PLACES = {
  Deployment: ["apis/apps/v1", "deployments"],
  StatefulSet: ["apis/apps/v1", "statefulsets"],
  Service: ["api/v1", "services"],
} as const;

export function startController(api: KubeApi, options: ControllerOptions): Controller {
  const stop = new AbortController();
  let [wake, isDirty] = [new AbortController(), true];
  const onChange = (): void => {
    isDirty = true;
    wake.abort();
  };
  const seen = followAll(api, options, { signal: stop.signal, onChange });
  const { namespace, identity, log } = options;
  const lease = holdLease(api, {
    ...{ namespace, identity, log },
    signal: stop.signal,
    onHeld: onChange,
  });
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await pause(GATHER_MS, stop.signal);
      [wake, isDirty] = [new AbortController(), false];
      const isDone = await look({ api, options, lease }, seen);
      const waitMs = isDone ? LOOK_MS : RETRY_MS;
      if (!isDirty) await pause(waitMs, wake.signal);
    }
  };
  const running = run();
  return {
    isActive: lease.isHeld,
    close: async () => {
      stop.abort();
      onChange();
      await running;
      await lease.release();
    },
  };
}

function followAll(
  api: KubeApi,
  { namespace, log, random }: ControllerOptions,
  common: { readonly signal: AbortSignal; readonly onChange: () => void },
): Seen {
  const of = <T>(base: string, plural: string, read: FollowOptions<T>["read"]): Followed<T> =>
    follow(api, {
      ...{ path: `${base}/namespaces/${namespace}/${plural}`, read, log, random },
      ...(base === CUSTOM ? {} : { selector: `${MANAGED_BY}=${MANAGER}` }),
      ...common,
    });
  return {
    models: of(CUSTOM, "models", readModel),
    pools: of(CUSTOM, "nodepools", readPool),
    deployments: of("apis/apps/v1", "deployments", readWorkload),
    sets: of("apis/apps/v1", "statefulsets", readWorkload),
    pods: of("api/v1", "pods", readPod),
  };
}

interface Acting {
  readonly api: KubeApi;
  readonly options: ControllerOptions;
  readonly lease: Lease;
}

/** @returns False if something has failed and must be tried again soon. */
async function look(acting: Acting, seen: Seen): Promise<boolean> {
  const known = objectsOf(seen);
  if (known === null) return false;
  let isDone = true;
  const attempt = async (name: string, work: () => Promise<void>): Promise<void> => {
    if (!acting.lease.isHeld()) return;
    try {
      await work();
    } catch (error) {
      isDone = false;
      acting.options.log(`${name}: ${String(error)}`);
    }
  };
  for (const [name, pool] of known.pools) {
    await attempt(`NodePool ${name}`, () => lookAtPool(acting, pool, known));
  }
  for (const [name, model] of known.models) {
    await attempt(`Model ${name}`, () => lookAtModel(acting, model, known));
  }
  return isDone;
}

/** null until all are listed: what was not listed yet is not absent. */
function objectsOf(seen: Seen): Objects | null {
  const [models, pools] = [seen.models.objects(), seen.pools.objects()];
  const [deployments, sets] = [seen.deployments.objects(), seen.sets.objects()];
  const pods = seen.pods.objects();
  if (models === null || pools === null || deployments === null) return null;
  return sets === null || pods === null ? null : { models, pools, deployments, sets, pods };
}

async function lookAtPool(acting: Acting, pool: NodePool, known: Objects): Promise<void> {
  const { name, generation, deletionTimestamp } = pool.metadata;
  // Its nodes are the garbage collector's, and hand their experts over as they end.
  if (deletionTimestamp !== undefined) return;
  await applyAll(acting, desiredOfPool(pool, acting.options.deploy));
  const set = known.sets.get(`pool-${name}`);
  const pods = podsOf(known, POOL_LABEL, name);
  const told = [readyCondition(sizeOf(pool), set, pods, generation)];
  const more = { replicas: set?.status.replicas ?? 0, selector: selectorOf(pool) };
  await tell(acting, { plural: "nodepools", object: pool, told, more });
}

async function lookAtModel(acting: Acting, model: Model, known: Objects): Promise<void> {
  const { name, generation, deletionTimestamp, finalizers } = model.metadata;
  if (deletionTimestamp !== undefined) return endModel(acting, model, known);
  if (!finalizers.includes(FINALIZER)) {
    await setFinalizers(acting, model, [...finalizers, FINALIZER]);
  }
  await applyAll(acting, desiredOfModel(model, acting.options.deploy));
  const deployment = known.deployments.get(`model-${name}`);
  const pods = podsOf(known, MODEL_LABEL, name);
  const told = [
    readyCondition(1, deployment, pods, generation),
    pinsCondition(model, [...known.pools.values()]),
  ];
  const more = { readyServers: deployment?.status.readyReplicas ?? 0 };
  await tell(acting, { plural: "models", object: model, told, more });
}

/** First the servers, then what the fabric keeps of the model, then the model itself. */
async function endModel(acting: Acting, model: Model, known: Objects): Promise<void> {
  const { name, finalizers } = model.metadata;
  if (!finalizers.includes(FINALIZER)) return;
  if (known.deployments.has(`model-${name}`)) {
    const path = pathOf(acting, "Deployment", `model-${name}`);
    const body = { propagationPolicy: "Foreground" };
    await ignoring(404, acting.api.send({ method: "DELETE", path, body }));
    return;
  }
  if (podsOf(known, MODEL_LABEL, name).length > 0) return;
  const { bundle } = model.spec;
  const isShared = [...known.models.values()].some((other) => {
    return other.metadata.name !== name && baseName(other) === baseName(model);
  });
  if (!isShared) await acting.options.retire(bundle);
  await setFinalizers(
    acting,
    model,
    finalizers.filter((one) => one !== FINALIZER),
  );
  acting.options.log(`Model ${name} is gone`);
}

function baseName({ spec }: Model): string {
  return spec.bundle.slice(spec.bundle.lastIndexOf("/") + 1);
}

function podsOf({ pods }: Objects, label: string, name: string): readonly Pod[] {
  return [...pods.values()].filter(({ metadata }) => metadata.labels[label] === name);
}

function pathOf({ options }: Acting, kind: Desired["kind"], name: string): string {
  const [base, plural] = PLACES[kind];
  return `${base}/namespaces/${options.namespace}/${plural}/${name}`;
}

/** Server-side: what others have set beside it stays, what they changed of it comes back. */
async function applyAll(acting: Acting, desired: readonly Desired[]): Promise<void> {
  for (const { kind, name, body } of desired) {
    const path = `${pathOf(acting, kind, name)}?fieldManager=${MANAGER}&force=true`;
    const type = "application/apply-patch+yaml";
    await acting.api.send({ method: "PATCH", path, body, type });
  }
}

interface Telling {
  readonly plural: "models" | "nodepools";
  readonly object: Model | NodePool;
  readonly told: readonly Told[];
  readonly more: Readonly<Record<string, unknown>>;
}

async function tell(acting: Acting, { plural, object, told, more }: Telling): Promise<void> {
  const { metadata, status } = object;
  const before: Readonly<Record<string, unknown>> = status;
  const after = newConditions(status.conditions, told, today());
  const isSame = Object.entries(more).every(([key, value]) => before[key] === value);
  if (after === null && isSame) return;
  const { namespace } = acting.options;
  const path = `${CUSTOM}/namespaces/${namespace}/${plural}/${metadata.name}/status`;
  const body = { status: { ...more, conditions: after ?? status.conditions } };
  const type = "application/merge-patch+json";
  await ignoring(404, acting.api.send({ method: "PATCH", path, body, type }));
}

/** Of the version that was seen: what others set meanwhile must not be lost. */
async function setFinalizers(
  { api, options }: Acting,
  { metadata }: Model,
  finalizers: readonly string[],
): Promise<void> {
  const path = `${CUSTOM}/namespaces/${options.namespace}/models/${metadata.name}`;
  const { resourceVersion } = metadata;
  const body = { metadata: { finalizers, resourceVersion } };
  const type = "application/merge-patch+json";
  // 409: a newer version has been written, and the watch brings it.
  await ignoring(409, api.send({ method: "PATCH", path, body, type }));
}

async function ignoring(status: number, sent: Promise<unknown>): Promise<void> {
  try {
    await sent;
  } catch (error) {
    if (!(error instanceof KubeFailure) || error.status !== status) throw error;
  }
}
