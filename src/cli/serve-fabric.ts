/** The parts of `bailiwick serve` on a fabric: a router, a placer, and a node in this process. */
import type { Elsewhere, ExtraGauge, WatchOptions } from "../api/index.ts";
import type { Borders } from "../cluster/borders/index.ts";
import type { Fabric } from "../cluster/fabric/index.ts";
import { startNode } from "../cluster/nodes/index.ts";
import { type Placer, startPlacer } from "../cluster/orchestration/index.ts";
import { createRouter, type Router } from "../cluster/router/index.ts";
import type { Engine } from "../experts/index.ts";
import type { BordersFlags } from "./borders-files.ts";
import { connectFabric, processName } from "./connect-fabric.ts";
import type { FabricFlags } from "./fabric-options.ts";
import { closeAll, type Opened } from "./opened.ts";
import { readPolicy } from "./policies.ts";
import { openServedAudit, type ServedAuditFlags } from "./serve-audit.ts";

export interface ServeFabricFlags extends FabricFlags, ServedAuditFlags, BordersFlags {
  readonly zone: string;
  readonly memory?: number;
  readonly replicas: number;
  /** A name, or the path of a tuned policy. */
  readonly policy: string;
  /** In milliseconds. */
  readonly nodeStart?: number;
  /** False with --no-place. */
  readonly place: boolean;
}

export interface ServedFabric {
  readonly elsewhere: Elsewhere;
  readonly prepare: NonNullable<WatchOptions["prepare"]>;
  readonly gauges: readonly ExtraGauge[];
  /** Whether every expert has a home that can answer. */
  isWhole(): boolean;
  close(): Promise<void>;
}

/** How long a version waits for its experts to have homes before it is served anyway. */
const HOMES_MS = 10_000;

/** @throws If one part cannot be opened; the parts opened before it are closed. */
export async function openServedFabric(opening: Opening): Promise<ServedFabric> {
  const opened: Opened = [];
  const close = (): Promise<void> => closeAll(opened);
  try {
    return { ...(await open(opening, opened)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Opening {
  readonly flags: ServeFabricFlags;
  readonly borders: Borders;
  readonly engine: Engine;
  readonly log: (line: string) => void;
}

async function open(
  { flags, borders, engine, log }: Opening,
  opened: Opened,
): Promise<Omit<ServedFabric, "close">> {
  const { zone, memory, replicas } = flags;
  const router = `router-${processName()}`;
  const policy = await readPolicy(flags.policy);
  // Takes what other processes may hold first, so that a failed start disturbs none of them.
  const audit = flags.place ? await openServedAudit(flags, opened, log) : null;
  const fabric = await connectFabric(flags, router);
  opened.push(() => fabric.close());
  fabric.refusals.onFirst(log);
  fabric.onConnection((isConnected) => {
    log(isConnected ? "reconnected to the fabric" : "lost the fabric, reconnecting");
  });
  const common = { name: router.slice(0, 64), zone, engine };
  const local =
    memory === undefined ? null : await startNode(fabric, { ...common, memoryBytes: memory, log });
  if (local !== null) opened.push(() => local.close());
  const served = await createRouter(fabric, { ...common, local, borders, replicas });
  opened.push(() => served.close());
  const placer =
    audit === null
      ? null
      : await startPlacer(fabric, {
          name: processName(),
          directory: served.directory,
          audit: audit.log,
          policy: () => policy(1),
          ...(flags.nodeStart === undefined ? {} : { nodeStartSeconds: flags.nodeStart / 1000 }),
          log: (line) => log(`placer: ${line}`),
        });
  if (placer !== null) opened.push(() => placer.close());
  return {
    elsewhere: (bundle, X, rowClass) => served.predict(bundle, X, rowClass),
    prepare: async (model, bundles) => {
      if (await served.publish(model, bundles, HOMES_MS)) return;
      log(`some experts of ${model} have no node: answers are degraded or refused until they have`);
    },
    gauges: [
      refusedGauge(fabric, served),
      ...(placer === null ? [] : placerGauges(placer)),
      ...(audit?.gauges ?? []),
    ],
    isWhole: served.isWhole,
  };
}

function refusedGauge({ refusals }: Fabric, { directory }: Router): ExtraGauge {
  return {
    name: "bailiwick_fabric_refused_messages",
    help: "Messages that do not fit their schema, refused by this process and by the nodes.",
    read: () =>
      [...directory.nodes().values()].reduce(
        (sum, { announcement }) => sum + announcement.refused,
        refusals.total(),
      ),
  };
}

function placerGauges(placer: Placer): readonly ExtraGauge[] {
  return [
    {
      name: "bailiwick_placer_term",
      help: "The term of this process's lease as the placer; none while another places.",
      read: placer.term,
    },
    {
      name: "bailiwick_placer_whole_seconds",
      help: "Seconds since every expert was last on its planned node.",
      read: () => {
        const ms = placer.wholeForMs();
        return ms === null || placer.term() === null ? null : ms / 1000;
      },
    },
    {
      name: "bailiwick_placer_wanted_nodes",
      help: "Number of nodes that the experts and their traffic want; none while another places.",
      read: placer.wantedNodes,
    },
    {
      name: "bailiwick_placer_refusals",
      help: "Number of experts that could not be placed and of commands that a node refused.",
      read: placer.refusals,
    },
  ];
}
