/**
 * Erasing what a fabric keeps of experts that no server serves: their blobs, and their files on
 * nodes. A bundle that has forgotten rows is served by new experts; the old ones hold the rows.
 */
import { nowMs } from "../../shared/clock.ts";
import type { Fabric } from "../fabric/index.ts";
import { parseAnnouncement } from "../nodes/index.ts";
import { LEASE_KEY } from "./lease.ts";
import { readPlacement } from "./retire.ts";
import { keepOnNodes } from "./zone-blobs.ts";

export interface ErasedExperts {
  readonly nBlobs: number;
  /** Nodes that keep nothing of them. */
  readonly nodes: readonly string[];
  /** Where something of them may be left, in words. */
  readonly notReached: readonly string[];
}

export interface ServedVersion {
  /** The name under which it is served. */
  readonly model: string;
  /** Hashes of its experts. */
  readonly experts: ReadonlySet<string>;
}

const SWITCH_MS = 30_000;
const LOOK_MS = 250;

/**
 * Waits until the servers of each model serve its version, or none serves it, and erases.
 *
 * @throws FABRIC_UNAVAILABLE
 */
export async function eraseExperts(
  fabric: Fabric,
  versions: readonly ServedVersion[],
): Promise<ErasedExperts> {
  const untilMs = nowMs() + SWITCH_MS;
  let placement = await readPlacement(fabric);
  const hasPlacer = (await (await fabric.bucket("leases")).get(LEASE_KEY)) !== null;
  const isDone = (): boolean =>
    versions.every((version) => !isBehind(placement, version)) &&
    (!hasPlacer || isSettled(placement));
  while (!isDone() && nowMs() < untilMs) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    placement = await readPlacement(fabric);
  }
  const { served, homes } = placement;
  const notReached: string[] = [];
  for (const { model } of versions.filter((version) => isBehind(placement, version))) {
    const what = `experts of an earlier version of ${model}`;
    notReached.push(`${what}, which is on the fabric: end its server and retire it`);
  }
  const wanted = new Set([...served.values()].flatMap((hashes) => [...hashes]));
  const gone = (await fabric.blobs.list()).filter(({ name }) => !wanted.has(name));
  for (const { name, zone } of gone) await fabric.blobs.erase(name, zone);
  const kept = Object.fromEntries(Object.entries(homes).filter(([hash]) => wanted.has(hash)));
  const nodes = await nodesThere(fabric);
  const silent = await keepOnNodes(fabric, nodes, kept);
  for (const key of silent) {
    notReached.push(`the memory and folder of node ${key}, which did not answer`);
  }
  const cleaned = [...nodes.keys()].filter((key) => !silent.includes(key));
  return { nBlobs: gone.length, nodes: cleaned, notReached };
}

type Placement = Awaited<ReturnType<typeof readPlacement>>;

/** Whether a server of the model still serves another version. */
function isBehind({ served }: Placement, { model, experts }: ServedVersion): boolean {
  return [...(served.get(model) ?? [])].some((hash) => !experts.has(hash));
}

/** Whether no home is left of what is not served, or none is missing. */
function isSettled({ served, homes }: Placement): boolean {
  const wanted = new Set([...served.values()].flatMap((hashes) => [...hashes]));
  const placed = Object.keys(homes);
  return placed.length === wanted.size && placed.every((hash) => wanted.has(hash));
}

/** Nodes that announce themselves, each with the term that it obeys. */
async function nodesThere(fabric: Fabric): Promise<ReadonlyMap<string, number>> {
  const bucket = await fabric.bucket("nodes");
  const nodes = new Map<string, number>();
  for (const key of await bucket.keys()) {
    const entry = await bucket.get(key);
    const node = entry && fabric.refusals.accept(() => parseAnnouncement(entry.value));
    if (node !== null) nodes.set(key, node.term);
  }
  return nodes;
}
