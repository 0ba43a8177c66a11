/** `bailiwick node`: holds experts, answers for them and trains, until it is told to stop. */
import { availableParallelism } from "node:os";
import { checkName, type Fabric } from "../cluster/fabric/index.ts";
import { startNode } from "../cluster/nodes/index.ts";
import { startTrainer } from "../cluster/training/index.ts";
import { createEngine } from "../library/index.ts";
import { connectFabric } from "./connect-fabric.ts";
import type { FabricFlags } from "./fabric-options.ts";
import { note } from "./output.ts";

export interface NodeFlags extends FabricFlags {
  readonly name: string;
  readonly zone: string;
  readonly memory: number;
  readonly folder?: string;
  readonly watts: number;
  readonly gpu?: boolean;
  /** False with --no-train. */
  readonly train: boolean;
}

const MEGA = 1e6;

export async function nodeCommand(flags: NodeFlags): Promise<void> {
  const { name, zone } = flags;
  checkName("a zone", zone);
  checkName("a node's name", name);
  const log = (line: string): void => note(`${name}: ${line}`);
  const fabric = await connectFabric(flags, `node-${zone}-${name}`);
  // Ended in the order in which they began, the last first.
  const ends: (() => Promise<unknown>)[] = [() => fabric.close()];
  const leave = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      log(`${signal}: leaving`);
      void leave().finally(() => process.exit());
    });
  }
  try {
    await join(fabric, flags, { log, ends });
  } catch (error) {
    await leave();
    throw error;
  }
}

interface Joining {
  readonly log: (line: string) => void;
  readonly ends: (() => Promise<unknown>)[];
}

async function join(fabric: Fabric, flags: NodeFlags, { log, ends }: Joining): Promise<void> {
  const { name, zone, memory: memoryBytes, folder, watts, train: trains } = flags;
  fabric.onConnection((isConnected) => {
    log(isConnected ? "connected again" : "lost the connection, trying again");
  });
  const engine = await createEngine({ threads: 1 });
  ends.push(() => engine.close());
  if (trains) {
    // Two at least: training on the main thread would silence the node.
    const training = await createEngine({ threads: Math.max(2, availableParallelism()) });
    ends.push(() => training.close());
    ends.push(await startTrainer(fabric, { zone, name, engine: training, log }));
  }
  const hasGpu = flags.gpu === true;
  const own = { name, zone, memoryBytes, engine, watts, hasGpu, trains, log };
  const node = await startNode(fabric, { ...own, ...(folder === undefined ? {} : { folder }) });
  ends.push(() => node.close());
  const speed = `${(node.profile.flopsPerSecond / 1e9).toFixed(2)} billion multiply-adds a second`;
  log(`joined as ${node.key}: ${speed}, ${(memoryBytes / MEGA).toFixed(0)} MB for experts`);
}
