/** A version of a model as an agent holds it: what routes rows, and entries of its experts. */
import {
  assembleOutline,
  type ExpertEntry,
  gateBlobs,
  mayShipExpert,
  mayShipGate,
  type Outline,
  readManifest,
} from "../../bundle/index.ts";
import type { Offer, OfferedExpert } from "../../cluster/residency/index.ts";
import { matrixWidth } from "../../data/index.ts";
import { countParameters, countTerms } from "../../experts/index.ts";
import type { UseOf } from "./blobs.ts";
import type { FetchedManifest } from "./source.ts";

export interface HeldModel extends Offer {
  readonly version: string;
  readonly etag: string;
  /** null if a gate may not be downloaded: then the server answers whole rows. */
  readonly outline: Outline | null;
  /** By the hash of their blobs. */
  readonly experts: ReadonlyMap<string, HeldEntry>;
  /** Blobs of gates. */
  readonly gates: ReadonlySet<string>;
  /** All blobs of gates and experts. */
  readonly blobs: ReadonlySet<string>;
}

/** Its bytes are those of the parameters, about. */
export interface HeldEntry extends OfferedExpert {
  readonly entry: ExpertEntry;
}

/** What a blob has besides its parameters, at most. */
const HEADER_BYTES = 100_000;
/** The limit for blobs of gates, whose sizes manifests do not tell. */
const MAX_GATE_BYTES = 64_000_000;

/**
 * @param blobOf - A blob that has the hash of its name, of at most `maxBytes` bytes.
 * @throws BUNDLE_CORRUPT or BUNDLE_VERSION for a manifest that cannot be read.
 */
export async function openModel(
  { bytes, version, etag, ship }: FetchedManifest,
  blobOf: (hash: string, maxBytes: number, useOf: UseOf) => Promise<Uint8Array>,
): Promise<HeldModel> {
  const file = "the manifest";
  const manifest = readManifest(bytes, file);
  const kinds = new Set(ship);
  const gates = manifest.members.flatMap(({ gate }) => (gate === null ? [] : [gate]));
  const routes = ship.length > 0 && gates.every((gate) => mayShipGate(gate, kinds));
  const blobs = new Map<string, Uint8Array>();
  const ofGates = new Set(gates.flatMap(gateBlobs));
  for (const hash of routes ? ofGates : []) {
    blobs.set(hash, await blobOf(hash, MAX_GATE_BYTES, onlyOf(ofGates)));
  }
  const entries = manifest.members.flatMap(({ experts }) => experts);
  return {
    version,
    etag,
    outline: routes ? assembleOutline(manifest, file, (hash) => blobs.get(hash)!) : null,
    experts: new Map(
      entries.map((entry) => {
        const { blob: hash, share } = entry;
        // Without a gate here, the server answers whole rows.
        const mayFetch = routes && mayShipExpert(entry, kinds);
        return [hash, { hash, share, bytes: bytesOf(entry), mayFetch, entry }];
      }),
    ),
    rowBytes: 4 * (matrixWidth(manifest.preprocessing.features) + 1),
    gates: ofGates,
    blobs: new Set([...ofGates, ...entries.map(({ blob }) => blob)]),
  };
}

/** Makes room for what routes rows, whatever else is kept. */
export function onlyOf(needed: ReadonlySet<string>): UseOf {
  return (name) => (needed.has(name) ? Number.POSITIVE_INFINITY : 0);
}

/** The most bytes that the blob of an entry may have. */
export function mostBytes({ bytes }: HeldEntry): number {
  return 2 * bytes + HEADER_BYTES;
}

function bytesOf(entry: ExpertEntry): number {
  switch (entry.kind) {
    case "mlp":
      return 4 * countParameters(entry.sizes);
    case "ridge":
      return 8 * (1 + countTerms(entry.nFeatures, entry.degree));
    case "gp":
      return entry.nCentres * (4 * entry.nFeatures + 8) + 8 * entry.nFeatures;
    case "trees":
      return 24 * entry.nNodes + 8 * entry.nTrees + 8;
  }
}
