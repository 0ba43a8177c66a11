/** What routers tell the placer of a model that they serve. */
import { type Bundle, writeLooseExpert } from "../../bundle/index.ts";
import { type Expert, expertFlops, expertInputs } from "../../experts/index.ts";
import type { Fabric } from "../fabric/index.ts";
import { bytesInMemory } from "../nodes/index.ts";

export interface ServedExpert {
  readonly id: string;
  readonly hash: string;
  readonly bytes: number;
  readonly flopsPerRow: number;
  readonly bytesPerRow: number;
  /** Of the model's rows. */
  readonly share: number;
}

export interface ModelRecord {
  readonly name: string;
  readonly experts: readonly ServedExpert[];
  /** Nodes that shall hold each expert. */
  readonly replicas: number;
  /** Rows of some class stay in these zones: of each list, one zone must hold every expert. */
  readonly zoneLists: readonly (readonly string[])[];
}

/** Puts the bundle's experts where nodes find them. */
export async function publishExperts(
  fabric: Fabric,
  { model, manifest }: Bundle,
): Promise<readonly (readonly ServedExpert[])[]> {
  const entries = await fabric.bucket("experts");
  const members: ServedExpert[][] = [];
  for (const [m, { mixture }] of model.members.entries()) {
    const own: ServedExpert[] = [];
    for (const [k, expert] of mixture.experts.entries()) {
      const entry = manifest.members[m]!.experts[k]!;
      const { hash, entry: text, blob } = writeLooseExpert(entry, expert);
      await fabric.blobs.put(blob);
      await entries.put(hash, new TextEncoder().encode(text));
      const share = mixture.recombination === "hard" ? entry.share : 1;
      own.push({ id: entry.id, hash, share, ...sizesOf(expert) });
    }
    members.push(own);
  }
  return members;
}

/** Bytes as they lie in memory, multiply-adds of a row, bytes of a row there and back. */
export function sizesOf(
  expert: Expert,
): Pick<ServedExpert, "bytes" | "flopsPerRow" | "bytesPerRow"> {
  return {
    bytes: bytesInMemory(expert),
    flopsPerRow: expertFlops(expert),
    bytesPerRow: 4 * (expertInputs(expert) + 1),
  };
}

/** Names may hold what keys may not. */
export function modelKey(name: string): string {
  return Buffer.from(name).toString("base64url");
}

export function parseModel(value: Uint8Array): ModelRecord | null {
  try {
    const told = JSON.parse(new TextDecoder().decode(value)) as ModelRecord;
    const isOne =
      Array.isArray(told.experts) &&
      told.experts.every(({ hash, bytes }) => /^[0-9a-f]{64}$/.test(hash) && bytes >= 0) &&
      Number.isInteger(told.replicas) &&
      Array.isArray(told.zoneLists);
    return isOne ? told : null;
  } catch {
    return null;
  }
}
