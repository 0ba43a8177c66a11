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
import { connectMember, type Membership, memberUntilStopped } from "./fabric-member.ts";
import type { FabricFlags } from "./fabric-options.ts";
import { readNodeSecret } from "./node-key.ts";

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
  readonly drainSeconds: number;
  readonly sealKey?: string;
}

const MEGA = 1e6;

export async function nodeCommand(flags: NodeFlags): Promise<void> {
  await memberUntilStopped(flags.name, (membership) => join(flags, membership));
}

async function join(flags: NodeFlags, membership: Membership): Promise<void> {
  const { log, opened, beforeEnd } = membership;
  const { folder, watts, place, memory: memoryBytes, train: trains } = flags;
  const zone = checkName("a zone", flags.zone);
  const name = checkName("a node's name", flags.name);
  if (folder !== undefined) await prepareFolder(folder);
  const sealKey =
    flags.sealKey === undefined ? null : await readNodeSecret(flags.sealKey, nodeKey(zone, name));
  const fabric = await connectMember(flags, `node-${zone}-${name}`, membership);
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
  beforeEnd.push(async () => {
    if (await node.handOver(1000 * flags.drainSeconds)) return;
    log(`no other node has taken all of its experts within ${flags.drainSeconds} s`);
  });
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
