/** `bailiwick node`: holds experts, answers requests and trains, until a signal stops it. */
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { checkName, nodeKey } from "../cluster/fabric/index.ts";
import { startNode } from "../cluster/nodes/index.ts";
import { startTrainer } from "../cluster/training/index.ts";
import { createEngine } from "../library/index.ts";
import { writeError } from "../shared/files.ts";
import { makeFolder } from "../shared/folders.ts";
import { connectFabric } from "./connect-fabric.ts";
import type { FabricFlags } from "./fabric-options.ts";
import { readNodeSecret } from "./node-key.ts";
import { note } from "./output.ts";
import { firstStopSignal } from "./stop-signals.ts";

export interface NodeFlags extends FabricFlags {
  readonly name: string;
  readonly zone: string;
  readonly memory: number;
  readonly folder?: string;
  readonly watts: number;
  readonly place: string;
  readonly gpu?: boolean;
  /** False with --no-train. */
  readonly train: boolean;
  readonly sealKey?: string;
}

const MEGA = 1e6;

/** Everything opened, to be closed in reverse order. */
type Opened = (() => Promise<unknown>)[];

export async function nodeCommand(flags: NodeFlags): Promise<void> {
  const log = (line: string): void => note(`${flags.name}: ${line}`);
  const stopped = firstStopSignal();
  const opened: Opened = [];
  try {
    const signal = await Promise.race([join(flags, log, opened).then(() => stopped), stopped]);
    log(`${signal}: leaving`);
  } finally {
    for (const end of opened.splice(0).reverse()) await end();
  }
  // A part that was still opening at the signal could keep the process alive.
  process.exit();
}

async function join(flags: NodeFlags, log: (line: string) => void, opened: Opened): Promise<void> {
  const { folder, watts, place, memory: memoryBytes, train: trains } = flags;
  const zone = checkName("a zone", flags.zone);
  const name = checkName("a node's name", flags.name);
  if (folder !== undefined) await prepareFolder(folder);
  const sealKey =
    flags.sealKey === undefined ? null : await readNodeSecret(flags.sealKey, nodeKey(zone, name));
  const fabric = await connectFabric(flags, `node-${zone}-${name}`);
  opened.push(() => fabric.close());
  fabric.refusals.onFirst(log);
  fabric.onConnection((isConnected) => {
    log(isConnected ? "reconnected" : "lost the connection, reconnecting");
  });
  const engine = await createEngine({ threads: 1 });
  opened.push(() => engine.close());
  if (trains) {
    // At least two threads: training on the main thread would block the node's answers.
    const training = await createEngine({ threads: Math.max(2, availableParallelism()) });
    opened.push(() => training.close());
    opened.push(await startTrainer(fabric, { zone, name, engine: training, log }));
  }
  const settings = { name, zone, memoryBytes, engine, watts, place, trains, log };
  const node = await startNode(fabric, {
    ...settings,
    hasGpu: flags.gpu === true,
    ...(folder === undefined ? {} : { folder }),
    ...(sealKey === null ? {} : { sealKey }),
  });
  opened.push(() => node.close());
  const speed = `${(node.profile.flopsPerSecond / 1e9).toFixed(2)} billion multiply-adds a second`;
  log(`joined as ${node.key}: ${speed}, ${(memoryBytes / MEGA).toFixed(0)} MB for experts`);
}

/** Checked at the start, not at the first expert. @throws as `makeFolder`, WRITE_FAILED */
async function prepareFolder(folder: string): Promise<void> {
  await makeFolder(folder);
  try {
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw writeError(folder, cause);
  }
}
