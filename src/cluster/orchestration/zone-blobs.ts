/**
 * Experts' blobs in the zones of their homes, and nowhere else: put there before a node loads,
 * erased when no server serves the expert or no home is left in the zone.
 */
import { nowMs } from "../../shared/clock.ts";
import { type BlobPlace, type Fabric, SOURCE, zoneOfKey } from "../fabric/index.ts";
import type { ModelRecord } from "../router/index.ts";
import { type HomesByExpert, sendCommand } from "./carry-out.ts";

/** A blob stays this long after it was last wanted: a router puts blobs before their record. */
const GRACE_MS = 30_000;
const SWEEP_MS = 10_000;
const KEEP_MS = 2000;
/**
 * What the server holds is asked again after this time: a loss that follows another within a second
 * may not be told.
 */
const LIST_MS = 4000;

/** What is served, and where. */
export interface Wanted {
  readonly models: Iterable<ModelRecord>;
  readonly homes: HomesByExpert;
}

export interface ZoneBlobs {
  /** Puts experts into the zones of their homes. @returns An expert whose blob is not there. */
  share(homes: HomesByExpert): Promise<string | null>;
  /**
   * Erases what has not been wanted for a while, and tells nodes which experts to keep. Call it
   * often, while every expert is where it should be; it works every ten seconds.
   *
   * @returns The number of blobs that were erased.
   */
  sweep(term: number, wanted: Wanted, nodes: Iterable<string>): Promise<number>;
}

export function openZoneBlobs(fabric: Fabric, graceMs: number = GRACE_MS): ZoneBlobs {
  let shared: Set<string> | null = null;
  let listedMs = 0;
  fabric.blobs.onLost(async () => {
    shared = null;
  });
  const sharedNow = async (): Promise<Set<string>> => {
    if (shared !== null && nowMs() - listedMs < LIST_MS) return shared;
    listedMs = nowMs();
    shared = new Set((await fabric.blobs.list()).filter(({ isWhole }) => isWhole).map(idOf));
    return shared;
  };
  const unwantedSinceMs = new Map<string, number>();
  let sweptMs = nowMs();
  return {
    share: async (homes) => {
      const there = await sharedNow();
      for (const [name, keys] of Object.entries(homes)) {
        for (const zone of new Set(keys.map(zoneOfKey))) {
          if (there.has(idOf({ name, zone }))) continue;
          const blob = await fabric.blobs.get(name, SOURCE);
          if (blob === null) return name;
          await fabric.blobs.put(name, zone, blob);
          there.add(idOf({ name, zone }));
        }
      }
      return null;
    },
    sweep: async (term, wanted, nodes) => {
      if (nowMs() - sweptMs < Math.min(SWEEP_MS, graceMs)) return 0;
      sweptMs = nowMs();
      await keepOnNodes(
        fabric,
        [...nodes].map((key) => [key, term] as const),
        wanted.homes,
      );
      const unwanted = await unwantedBlobs(fabric, wanted);
      const ids = new Set(unwanted.map(idOf));
      for (const id of unwantedSinceMs.keys()) if (!ids.has(id)) unwantedSinceMs.delete(id);
      for (const id of ids) unwantedSinceMs.set(id, unwantedSinceMs.get(id) ?? sweptMs);
      const due = unwanted.filter((one) => sweptMs - unwantedSinceMs.get(idOf(one))! >= graceMs);
      for (const { name, zone } of due) await fabric.blobs.erase(name, zone);
      if (due.length > 0) shared = null;
      return due.length;
    },
  };
}

function idOf({ name, zone }: BlobPlace): string {
  return `${zone}/${name}`;
}

/** Blobs of experts that no record names, and those in zones where the expert has no home. */
export async function unwantedBlobs(
  fabric: Fabric,
  { models, homes }: Wanted,
): Promise<readonly BlobPlace[]> {
  const served = new Set([...models].flatMap(({ experts }) => experts.map(({ hash }) => hash)));
  const zones = new Map(
    Object.entries(homes).map(([hash, keys]) => [hash, keys.map(zoneOfKey)] as const),
  );
  return (await fabric.blobs.list()).filter(({ name, zone }) => {
    if (!served.has(name)) return true;
    return zone !== SOURCE && zones.get(name)?.includes(zone) !== true;
  });
}

/**
 * Tells nodes to keep the experts that have a home there, and to remove all others with their
 * files.
 *
 * @param nodes - Keys, each with a term that the node obeys.
 * @returns The nodes that did not answer.
 */
export async function keepOnNodes(
  fabric: Fabric,
  nodes: Iterable<readonly [key: string, term: number]>,
  homes: HomesByExpert,
): Promise<readonly string[]> {
  const silent = await Promise.all(
    [...nodes].map(async ([key, term]) => {
      const held = Object.entries(homes).filter(([, keys]) => keys.includes(key));
      const command = { term, action: "keep", experts: held.map(([hash]) => hash) } as const;
      const result = await sendCommand(fabric, key, command, KEEP_MS).catch(() => null);
      return result === null ? [key] : [];
    }),
  );
  return silent.flat();
}
