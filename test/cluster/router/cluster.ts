/** A small cluster in one process: nodes, a router and a placer over some fabric. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bundle, readBundle, writeBundle } from "../../../src/bundle/index.ts";
import { type AuditLine, openAuditLog, verifyAuditLog } from "../../../src/cluster/audit/index.ts";
import type { Fabric } from "../../../src/cluster/fabric/index.ts";
import { type Node, type NodeOptions, startNode } from "../../../src/cluster/nodes/index.ts";
import {
  createPredictive,
  type Placer,
  type PlacerOptions,
  startPlacer,
} from "../../../src/cluster/orchestration/index.ts";
import {
  createRouter,
  type Router,
  type RouterOptions,
} from "../../../src/cluster/router/index.ts";
import { createReferenceEngine, type Engine } from "../../../src/experts/index.ts";
import type { Matrix } from "../../../src/shared/matrix.ts";
import { createRng } from "../../../src/shared/rng.ts";
import { type ModelPlan, makeContent, N_INPUTS } from "../../bundle/models.ts";

export const engine: Engine = createReferenceEngine();

/** A bundle with parameters at random, as if read from a disk. */
export async function makeBundle(
  plan: Partial<ModelPlan> = {},
  recombination: "smooth" | "hard" = "smooth",
): Promise<Bundle> {
  const folder = await mkdtemp(join(tmpdir(), "bailiwick-cluster-"));
  try {
    const content = makeContent({
      seed: 1,
      experts: ["mlp", "gp", "ridge", "trees"],
      gate: "softmax",
      ...plan,
    });
    const members = content.model.members.map(({ weight, mixture }) => ({
      weight,
      mixture: { ...mixture, recombination },
    }));
    await writeBundle(join(folder, "b"), { ...content, model: { ...content.model, members } });
    return await readBundle(join(folder, "b"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

export function someRows(nRows: number, seed = 5): Matrix {
  const rng = createRng(seed);
  const values = Float32Array.from({ length: nRows * N_INPUTS }, () => rng.normal());
  return { values, nRows, nColumns: N_INPUTS };
}

export interface Cluster {
  /** Of the router and the placer. */
  readonly fabric: Fabric;
  readonly router: Router;
  readonly placer: Placer;
  node(name: string, options?: Partial<NodeOptions>): Promise<Node>;
  /** Ends a node as a SIGKILL would: it says nothing. */
  kill(name: string): Promise<void>;
  audit(): Promise<readonly AuditLine[]>;
  close(): Promise<void>;
}

export interface ClusterOptions {
  readonly router?: Partial<RouterOptions>;
  readonly placer?: Partial<PlacerOptions>;
}

export async function openCluster(
  connect: () => Promise<Fabric>,
  { router: routing = {}, placer: placing = {} }: ClusterOptions = {},
): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), "bailiwick-cluster-"));
  const path = join(folder, "audit.jsonl");
  const fabric = await connect();
  const router = await createRouter(fabric, {
    name: "router",
    zone: "default",
    engine,
    local: null,
    replicas: 1,
    ...routing,
  });
  const placer = await startPlacer(fabric, {
    name: "router",
    directory: router.directory,
    audit: await openAuditLog(path, () => new Date().toISOString()),
    policy: () => createPredictive({ seed: 1 }),
    ...placing,
  });
  const nodes = new Map<string, { node: Node; fabric: Fabric }>();
  return {
    fabric,
    router,
    placer,
    node: async (name, options = {}) => {
      const own = await connect();
      const given = { name, zone: "default", memoryBytes: 1e6, engine, ...options };
      const node = await startNode(own, given);
      nodes.set(name, { node, fabric: own });
      return node;
    },
    kill: async (name) => {
      const { node, fabric: own } = nodes.get(name)!;
      nodes.delete(name);
      await own.close();
      // Its timers go on in this process; its connection is gone.
      await node.close().catch(() => undefined);
    },
    audit: () => verifyAuditLog(path),
    close: async () => {
      await placer.close();
      await router.close();
      for (const { node, fabric: own } of nodes.values()) {
        await node.close();
        await own.close();
      }
      await fabric.close();
      await rm(folder, { recursive: true });
    },
  };
}
