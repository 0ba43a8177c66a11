/** What routers publish of a model that they serve: a record for the placer, experts for nodes. */
import { z } from "zod";
import { type Bundle, writeLooseExpert } from "../../bundle/index.ts";
import { type Expert, expertFlops, expertInputs } from "../../experts/index.ts";
import { type Borders, expertZones, NO_BORDERS } from "../borders/index.ts";
import { type Fabric, readMessage, SOURCE, sha256Schema } from "../fabric/index.ts";
import { bytesInMemory } from "../nodes/index.ts";

const MAX_EXPERTS = 100_000;
const MAX_REPLICAS = 10_000;
const MAX_ZONES = 1000;
const MAX_CLASS_CHARS = 1000;
const number = z.number().nonnegative();
const zone = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "must be a zone");

const expertSchema: z.ZodType<ServedExpert> = z.object({
  id: z.string().min(1).max(200),
  hash: sha256Schema,
  bytes: number,
  flopsPerRow: number,
  bytesPerRow: number,
  /** Of the model's rows. */
  share: number,
  /** Zones that it may be in; null for any. */
  zones: z.array(zone).max(MAX_ZONES).readonly().nullable().default(null),
});

const modelSchema: z.ZodType<ModelRecord> = z.object({
  name: z.string().min(1).max(1000),
  experts: z.array(expertSchema.readonly()).max(MAX_EXPERTS).readonly(),
  /** Nodes that shall hold each expert. */
  replicas: z.int().min(1).max(MAX_REPLICAS),
  /** Rows of some class stay in these zones: of each list, one zone must hold every expert. */
  zoneLists: z.array(z.array(zone).min(1).max(MAX_ZONES).readonly()).max(MAX_ZONES).readonly(),
  /** Zones of each class of rows that has borders; null for any. */
  classes: z
    .record(z.string().max(MAX_CLASS_CHARS), z.array(zone).max(MAX_ZONES).readonly().nullable())
    .readonly()
    .default({}),
});

export interface ServedExpert {
  readonly id: string;
  readonly hash: string;
  readonly bytes: number;
  readonly flopsPerRow: number;
  readonly bytesPerRow: number;
  readonly share: number;
  readonly zones: readonly string[] | null;
}

export interface ModelRecord {
  readonly name: string;
  readonly experts: readonly ServedExpert[];
  readonly replicas: number;
  readonly zoneLists: readonly (readonly string[])[];
  readonly classes: Readonly<Record<string, readonly string[] | null>>;
}

/** What a bundle's experts are on the fabric, by member and expert. */
export function servedExperts(
  { model, manifest }: Pick<Bundle, "model" | "manifest">,
  borders: Borders = NO_BORDERS,
): readonly (readonly ServedExpert[])[] {
  return model.members.map(({ mixture }, m) =>
    mixture.experts.map((expert, k) => {
      const { id, blob, share } = manifest.members[m]!.experts[k]!;
      const rows = mixture.recombination === "hard" ? share : 1;
      const zones = expertZones(borders, expert.kind === "trees" ? expert.family : expert.kind);
      return { id, hash: blob, share: rows, zones, ...sizesOf(expert) };
    }),
  );
}

/** Puts the bundles' experts where placers find them, unless they are there. */
export async function publishExperts(fabric: Fabric, bundles: Iterable<Bundle>): Promise<void> {
  const places = await fabric.blobs.list();
  const whole = places.filter(({ zone, isWhole }) => zone === SOURCE && isWhole);
  const there = new Set(whole.map(({ name }) => name));
  for (const { model, manifest } of bundles) {
    for (const [m, { mixture }] of model.members.entries()) {
      for (const [k, expert] of mixture.experts.entries()) {
        const entry = manifest.members[m]!.experts[k]!;
        if (there.has(entry.blob)) continue;
        const { hash, blob } = writeLooseExpert(entry, expert);
        await fabric.blobs.put(hash, SOURCE, blob);
      }
    }
  }
}

/** Bytes in memory, multiply-adds of a row, bytes of a row there and back. */
export function sizesOf(
  expert: Expert,
): Pick<ServedExpert, "bytes" | "flopsPerRow" | "bytesPerRow"> {
  return {
    bytes: bytesInMemory(expert),
    flopsPerRow: expertFlops(expert),
    bytesPerRow: 4 * (expertInputs(expert) + 1),
  };
}

/** A name may hold characters that a key may not. */
export function modelKey(name: string): string {
  return Buffer.from(name).toString("base64url");
}

/** @throws MESSAGE_INVALID unless it is a router's record of a model. */
export function parseModel(value: Uint8Array): ModelRecord {
  return readMessage("a model's record", modelSchema, value);
}
