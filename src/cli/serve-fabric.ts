/** What `bailiwick serve` needs beyond one process: a router, a placer, and a node of its own. */

import type { Elsewhere, ExtraGauge, WatchOptions } from "../api/index.ts";
import { type AuditLog, openAuditLog } from "../cluster/audit/index.ts";
import type { Fabric } from "../cluster/fabric/index.ts";
import { startNode } from "../cluster/nodes/index.ts";
import {
  createPredictive,
  createStatic,
  createThreshold,
  type Placer,
  startPlacer,
} from "../cluster/orchestration/index.ts";
import { DEFAULT_MAX_LOAD, DEFAULT_WEIGHTS } from "../cluster/placement/index.ts";
import { createRouter, type Router } from "../cluster/router/index.ts";
import type { Policy } from "../cluster/simulation/index.ts";
import type { Engine } from "../experts/index.ts";
import { today } from "../shared/clock.ts";
import { takeLock } from "../shared/lock.ts";
import { connectFabric, processName } from "./connect-fabric.ts";
import type { FabricFlags, PolicyName } from "./fabric-options.ts";

export interface ServeFabricFlags extends FabricFlags {
  readonly zone: string;
  readonly memory?: number;
  readonly replicas: number;
  readonly pin: ReadonlyMap<string, readonly string[]>;
  readonly audit: string;
  readonly policy: PolicyName;
  /** False with --no-place. */
  readonly place: boolean;
}

export interface ServedFabric {
  readonly elsewhere: Elsewhere;
  readonly prepare: NonNullable<WatchOptions["prepare"]>;
  readonly gauges: readonly ExtraGauge[];
  close(): Promise<void>;
}

/** How long a version waits for its experts to have homes before it is served without. */
const HOMES_MS = 10_000;

export async function openServedFabric(
  flags: ServeFabricFlags,
  engine: Engine,
  log: (line: string) => void,
): Promise<ServedFabric> {
  const name = processName();
  const { zone, memory } = flags;
  const fabric = await connectFabric(flags, `router-${name}`);
  fabric.onConnection((isConnected) => {
    log(isConnected ? "connected to the fabric again" : "lost the fabric, trying again");
  });
  const own = { name: `router-${name}`.slice(0, 64), zone, engine };
  const local =
    memory === undefined ? null : await startNode(fabric, { ...own, memoryBytes: memory, log });
  const { pin: pins, replicas } = flags;
  const router = await createRouter(fabric, { ...own, local, pins, replicas });
  const placing = flags.place ? await startPlacing(fabric, router, flags, log) : null;
  return {
    elsewhere: (bundle, X, rowClass) => router.predict(bundle, X, rowClass),
    prepare: async (model, bundles) => {
      if (await router.publish(model, bundles, HOMES_MS)) return;
      log(`not every expert of ${model} has a node: answers are degraded or refused until it has`);
    },
    gauges: gaugesOf(placing?.placer ?? null),
    close: async () => {
      await placing?.close();
      await router.close();
      await local?.close();
      await fabric.close();
    },
  };
}

async function startPlacing(
  fabric: Fabric,
  router: Router,
  flags: ServeFabricFlags,
  log: (line: string) => void,
): Promise<{ readonly placer: Placer; close(): Promise<void> }> {
  const lock = await takeLock(`${flags.audit}.lock`, `the audit log ${flags.audit}`);
  const audit: AuditLog = await openAuditLog(flags.audit, today);
  const placer = await startPlacer(fabric, {
    name: processName(),
    directory: router.directory,
    audit,
    policy: () => policyOf(flags.policy),
    log: (line) => log(`placer: ${line}`),
  });
  return {
    placer,
    close: async () => {
      await placer.close();
      await lock.release();
    },
  };
}

function policyOf(name: PolicyName): Policy {
  const options = { weights: DEFAULT_WEIGHTS, maxLoad: DEFAULT_MAX_LOAD, seed: 1 };
  if (name === "static") return createStatic();
  return name === "threshold" ? createThreshold(options) : createPredictive(options);
}

function gaugesOf(placer: Placer | null): readonly ExtraGauge[] {
  if (placer === null) return [];
  return [
    {
      name: "bailiwick_placer_term",
      help: "The term of this process' lease as the placer; none while another places.",
      read: placer.term,
    },
    {
      name: "bailiwick_placer_whole_seconds",
      help: "Seconds since every expert was last where it should be.",
      read: () => {
        const ms = placer.wholeForMs();
        return ms === null || placer.term() === null ? null : ms / 1000;
      },
    },
  ];
}
