/**
 * What people ask for: `Model`, a bundle that is served, and `NodePool`, nodes that hold experts.
 * The API server has checked them by the schemas of docs/deploy/kubernetes; they are read again
 * here, since another version of these schemas may be installed.
 */
import { z } from "zod";
import { SHIP_KINDS } from "../../shared/choices.ts";

export const GROUP = "bailiwick.dev";
export const VERSION = "v1alpha1";
/** On a Model until the fabric has forgotten it. */
export const FINALIZER = `${GROUP}/retire`;
export const MANAGED_BY = "app.kubernetes.io/managed-by";
/** Value of {@link MANAGED_BY} on everything that the controller makes. */
export const MANAGER = "bailiwick";
export const MODEL_LABEL = `${GROUP}/model`;
export const POOL_LABEL = `${GROUP}/pool`;

const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const SEGMENT = "[A-Za-z0-9][A-Za-z0-9_.-]*";

const meta = z.object({
  name: z.string(),
  namespace: z.string(),
  uid: z.string(),
  resourceVersion: z.string().default(""),
  generation: z.number().default(0),
  deletionTimestamp: z.string().optional(),
  finalizers: z.array(z.string()).default([]),
  labels: z.record(z.string(), z.string()).default({}),
});

const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(""),
  message: z.string().default(""),
  lastTransitionTime: z.string().default(""),
  observedGeneration: z.number().default(0),
});
export type Condition = z.infer<typeof condition>;

const conditions = z.array(condition).default([]);

const model = z.object({
  metadata: meta,
  spec: z.object({
    bundle: z.string().regex(new RegExp(`^${SEGMENT}(/${SEGMENT})*$`)),
    replicas: z.number().int().min(1).max(16).default(1),
    pins: z
      .array(
        z.object({
          class: z.string().regex(/^([*]|[A-Za-z0-9_-]{1,64})$/),
          zones: z.array(z.string().regex(NAME)).min(1),
        }),
      )
      .default([]),
    ship: z.array(z.enum(SHIP_KINDS)).default([]),
  }),
  status: z.object({ conditions, readyServers: z.number().optional() }).default({ conditions: [] }),
});
export type Model = z.infer<typeof model>;

const pool = z.object({
  metadata: meta,
  spec: z.object({
    min: z.number().int().min(0).max(99),
    max: z.number().int().min(1).max(99),
    replicas: z.number().int().min(0).optional(),
    zone: z.string().regex(NAME).default("default"),
    memory: z.string().regex(/^[1-9][0-9]{0,5}(MB|GB)$/),
  }),
  status: z
    .object({ conditions, replicas: z.number().optional(), selector: z.string().optional() })
    .default({ conditions: [] }),
});
export type NodePool = z.infer<typeof pool>;

const workload = z.object({
  metadata: meta,
  status: z
    .object({
      replicas: z.number().default(0),
      readyReplicas: z.number().default(0),
      availableReplicas: z.number().default(0),
      updatedReplicas: z.number().default(0),
      observedGeneration: z.number().default(0),
    })
    .default({
      replicas: 0,
      readyReplicas: 0,
      availableReplicas: 0,
      updatedReplicas: 0,
      observedGeneration: 0,
    }),
});
/** A Deployment or a StatefulSet. */
export type Workload = z.infer<typeof workload>;

const container = z.object({
  restartCount: z.number().default(0),
  ready: z.boolean().default(false),
  state: z.object({ waiting: z.object({ reason: z.string().default("") }).optional() }).default({}),
});
const pod = z.object({
  metadata: meta,
  status: z
    .object({ phase: z.string().default(""), containerStatuses: z.array(container).default([]) })
    .default({ phase: "", containerStatuses: [] }),
});
export type Pod = z.infer<typeof pod>;

/** How each kind is read; undefined for what does not fit. */
export const readModel = reader(model);
export const readPool = reader(pool);
export const readWorkload = reader(workload);
export const readPod = reader(pod);

function reader<T>(schema: z.ZodType<T>): (value: unknown) => T | undefined {
  return (value) => {
    const read = schema.safeParse(value);
    return read.success ? read.data : undefined;
  };
}
