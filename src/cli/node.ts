/** `bailiwick node`: holds experts, answers for them and trains, until it is told to stop. */
import { availableParallelism } from "node:os";
import { startNode } from "../nodes/index.ts";
import { startTrainer } from "../training/index.ts";
import { connectFabric } from "./connect-fabric.ts";
import { createEngine } from "./engine.ts";
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
  const { name, zone, memory: memoryBytes, folder, watts, train } = flags;
  const log = (line: string): void => note(`${name}: ${line}`);
  const fabric = await connectFabric(flags, `node-${zone}-${name}`);
  const engine = await createEngine({ threads: 1 });
  const node = await startNode(fabric, {
    name,
    zone,
    memoryBytes,
    engine,
    watts,
    hasGpu: flags.gpu === true,
    trains: train,
    log,
    ...(folder === undefined ? {} : { folder }),
  });
  const { flopsPerSecond } = node.profile;
  const speed = `${(flopsPerSecond / 1e9).toFixed(2)} billion multiply-adds a second`;
  log(`joined as ${node.key}: ${speed}, ${(memoryBytes / MEGA).toFixed(0)} MB for experts`);
  fabric.onConnection((isConnected) => {
    log(isConnected ? "connected again" : "lost the connection, trying again");
  });
  // Two at least: training on the main thread would silence the node.
  const training = train
    ? await createEngine({ threads: Math.max(2, availableParallelism()) })
    : null;
  const stopTraining =
    training === null ? null : await startTrainer(fabric, { zone, name, engine: training, log });
  const leave = async (): Promise<void> => {
    await node.close();
    await stopTraining?.();
    await training?.close();
    await engine.close();
    await fabric.close();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      log(`${signal}: leaving`);
      void leave().finally(() => process.exit());
    });
  }
}
