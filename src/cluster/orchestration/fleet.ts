/**
 * The nodes as devices for the placement: what they announce, what their links measure, and which
 * of them are left out.
 *
 * A node that does not echo is hung; a node that does not hold what it says it loaded has less
 * memory than it announces. Both are left out, or given less, for a while. A node that is about to
 * leave gives its experts to others.
 */
import { nowMs } from "../../shared/clock.ts";
import { type Fabric, zoneOfKey } from "../fabric/index.ts";
import type { Device } from "../placement/index.ts";
import type { Directory, SeenNode } from "../router/index.ts";
import { type Link, measureAgain, measureLink } from "./links.ts";
import { trackUnwellNodes } from "./unwell.ts";

export interface Fleet {
  /**
   * Measures links and looks for nodes that hang.
   *
   * @param suspects - Nodes that did not answer a router: they are looked at now.
   */
  look(suspects: ReadonlySet<string>): Promise<void>;
  /** Nodes that can be given experts, in the order of their keys. */
  devices(): readonly Device[];
  incarnationOf(key: string): string | null;
  /** Until it starts again, the node is believed to hold no more than this. */
  distrust(key: string, bytes: number): void;
}

interface WatchedLink {
  readonly incarnation: string;
  readonly link: Link;
  /** Looks in a row without an echo. */
  readonly nSilent: number;
  readonly lookedMs: number;
}

const LOOK_AGAIN_MS = 2000;
const SILENT_LOOKS = 2;

export function createFleet(fabric: Fabric, directory: Directory): Fleet {
  const links = new Map<string, WatchedLink>();
  const limits = new Map<string, { readonly incarnation: string; readonly bytes: number }>();
  const unwell = trackUnwellNodes();
  const incarnationOf = (key: string): string | null =>
    directory.nodes().get(key)?.announcement.incarnation ?? null;
  const announcing = (): readonly SeenNode[] =>
    [...directory.nodes().values()].filter(({ key }) => directory.isThere(key));
  const isWell = ({ key, announcement }: SeenNode): boolean =>
    !announcement.leaving && !unwell.has(key, announcement.incarnation);
  /** The node's link if it echoes. */
  const linkOf = ({ key, announcement: { incarnation } }: SeenNode): Link | null => {
    const watched = links.get(key);
    if (watched?.incarnation !== incarnation || watched.nSilent >= SILENT_LOOKS) return null;
    return watched.link;
  };
  const deviceOf = (node: SeenNode, { latencyMs, bytesPerSecond }: Link): Device => {
    const { key, announcement } = node;
    const { incarnation, memoryBytes, flopsPerSecond, watts } = announcement;
    const limit = limits.get(key);
    const most = limit?.incarnation === incarnation ? limit.bytes : memoryBytes;
    return {
      name: key,
      zone: zoneOfKey(key),
      flopsPerSecond,
      memoryBytes: Math.max(1, Math.min(most, memoryBytes)),
      latencyMs,
      bytesPerSecond,
      watts,
    };
  };
  return {
    look: async (suspects) => {
      for (const key of suspects) unwell.suspect(key, incarnationOf(key) ?? "");
      await Promise.all(
        announcing().map(async ({ key, announcement: { incarnation } }) => {
          const before = links.get(key);
          const known = before?.incarnation === incarnation ? before : null;
          const isDue = known === null || nowMs() - known.lookedMs >= LOOK_AGAIN_MS;
          if (!isDue && !suspects.has(key)) return;
          const next = await lookAt(fabric, key, incarnation, known);
          if (next !== null) links.set(key, next);
        }),
      );
    },
    devices: () => {
      const there = [...announcing()].filter((node) => linkOf(node) !== null);
      const well = new Set(there.filter(isWell).map(({ key }) => zoneOfKey(key)));
      // Nodes rest and leave where others can take over; without any, all experts would be lost.
      return there
        .filter((node) => isWell(node) || !well.has(zoneOfKey(node.key)))
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .map((node) => deviceOf(node, linkOf(node)!));
    },
    incarnationOf,
    distrust: (key, bytes) => {
      const incarnation = incarnationOf(key);
      if (incarnation !== null) limits.set(key, { incarnation, bytes });
    },
  };
}

/** The link after one more look; null for a new node that does not echo. */
async function lookAt(
  fabric: Fabric,
  key: string,
  incarnation: string,
  known: WatchedLink | null,
): Promise<WatchedLink | null> {
  const link =
    known === null ? await measureLink(fabric, key) : await measureAgain(fabric, key, known.link);
  const lookedMs = nowMs();
  if (link !== null) return { incarnation, link, nSilent: 0, lookedMs };
  return known === null ? null : { ...known, nSilent: known.nSilent + 1, lookedMs };
}
