/**
 * The nodes as devices: what they announce, what their links measure, and who is not to be trusted.
 *
 * A node that does not echo is hung, one that does not hold what it said it would has less memory
 * than it says: both are left out for a while, and it is said why.
 */

import { nowMs } from "../../shared/clock.ts";
import { median } from "../../shared/statistics.ts";
import type { Fabric } from "../fabric/index.ts";
import { subjectOfKey, zoneOfKey } from "../fabric/index.ts";
import type { Device } from "../placement/index.ts";
import { SILENT_MS, type Table } from "../router/index.ts";

export interface Fleet {
  /**
   * Measures links and looks for who hangs.
   *
   * @param suspected - Nodes that did not answer somebody: they are looked at now.
   */
  look(suspected: ReadonlySet<string>): Promise<void>;
  /** Who can be given experts, in the order of their keys. */
  devices(): readonly Device[];
  isUp(key: string): boolean;
  incarnationOf(key: string): string | null;
  /** The node holds no more than so many bytes, whatever it says. */
  distrust(key: string, bytes: number): void;
}

interface Link {
  readonly incarnation: string;
  readonly latencyMs: number;
  /** Round trips of late, the oldest first. */
  readonly recentMs: readonly number[];
  readonly bytesPerSecond: number;
  readonly nSilent: number;
  readonly lookedMs: number;
}

const PROBE_BYTES = 1 << 18;
const PROBES = 15;
/** The first round trips find everything cold. */
const WARM_UPS = 10;
const PROBE_MS = 1000;
const LOOK_AGAIN_MS = 2000;
const SILENT_LOOKS = 2;
const LEAST_MS = 0.001;
/** A link changes when its latency does by this share. */
const CHANGED = 0.25;
/** Seconds of not answering routers, close to each other, after which a node is unwell. */
const UNWELL_AFTER = 3;
const CLOSE_MS = 10_000;
/** It is left out so long at first, twice as long each time. */
const REST_MS = 15_000;
const LAST_REST_MS = 600_000;

/** A node that announces itself and does not answer. */
interface Ailing {
  readonly incarnation: string;
  readonly times: readonly number[];
  readonly restMs: number;
  readonly untilMs: number;
}

export function createFleet(fabric: Fabric, table: Table): Fleet {
  const links = new Map<string, Link>();
  const believed = new Map<string, { readonly incarnation: string; readonly bytes: number }>();
  const ailing = new Map<string, Ailing>();
  const suspect = (key: string): void => {
    const incarnation = table.nodes().get(key)?.told.incarnation ?? "";
    const known = ailing.get(key);
    const before = known?.incarnation === incarnation ? known : null;
    const times = (before?.times ?? []).filter((at) => nowMs() - at < CLOSE_MS).concat(nowMs());
    if (times.length < UNWELL_AFTER) {
      const { restMs = REST_MS, untilMs = 0 } = before ?? {};
      ailing.set(key, { incarnation, times, restMs, untilMs });
    } else {
      const restMs = before?.restMs ?? REST_MS;
      const untilMs = nowMs() + restMs;
      const next = Math.min(LAST_REST_MS, 2 * restMs);
      ailing.set(key, { incarnation, times: [], restMs: next, untilMs });
    }
  };
  const isUp = (key: string): boolean => {
    const node = table.nodes().get(key);
    if (node === undefined || nowMs() - node.seenMs > SILENT_MS) return false;
    const ail = ailing.get(key);
    if (ail?.incarnation === node.told.incarnation && ail.untilMs > nowMs()) return false;
    const link = links.get(key);
    return link?.incarnation === node.told.incarnation && link.nSilent < SILENT_LOOKS;
  };
  const lookAt = async (key: string, incarnation: string, isSuspected: boolean): Promise<void> => {
    const before = links.get(key);
    const isNew = before?.incarnation !== incarnation;
    const isDue = isNew || isSuspected || nowMs() - before!.lookedMs >= LOOK_AGAIN_MS;
    if (!isDue) return;
    const measured = await probe(fabric, key, isNew ? PROBES : 1);
    const lookedMs = nowMs();
    if (measured !== null) {
      const link = isNew || before === undefined ? measured : refreshed(before, measured);
      links.set(key, { incarnation, ...link, nSilent: 0, lookedMs });
    } else if (!isNew) links.set(key, { ...before!, nSilent: before!.nSilent + 1, lookedMs });
  };
  return {
    look: async (suspected) => {
      for (const key of suspected) suspect(key);
      const nodes = [...table.nodes().values()].filter(({ seenMs }) => {
        return nowMs() - seenMs <= SILENT_MS;
      });
      await Promise.all(
        nodes.map(({ key, told }) => lookAt(key, told.incarnation, suspected.has(key))),
      );
    },
    devices: () =>
      [...table.nodes().values()]
        .filter(({ key }) => isUp(key))
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .map(({ key, told }) => {
          const { latencyMs, bytesPerSecond } = links.get(key)!;
          const known = believed.get(key);
          const most = known?.incarnation === told.incarnation ? known.bytes : told.memoryBytes;
          return {
            name: key,
            zone: zoneOfKey(key),
            flopsPerSecond: told.flopsPerSecond,
            memoryBytes: Math.max(1, Math.min(most, told.memoryBytes)),
            latencyMs,
            bytesPerSecond,
            watts: told.watts,
          };
        }),
    isUp,
    incarnationOf: (key) => table.nodes().get(key)?.told.incarnation ?? null,
    distrust: (key, bytes) => {
      const incarnation = table.nodes().get(key)?.told.incarnation;
      if (incarnation !== undefined) believed.set(key, { incarnation, bytes });
    },
  };
}

/** A link is another when the median of its round trips of late is: one that is slow is not. */
function refreshed(before: Link, { recentMs: [ms] }: Probed): Probed {
  const recentMs = [...before.recentMs, ms!].slice(-PROBES);
  const now = median(recentMs);
  const isAnother = Math.abs(now - before.latencyMs) > CHANGED * before.latencyMs;
  const { bytesPerSecond } = before;
  return { latencyMs: isAnother ? now : before.latencyMs, bytesPerSecond, recentMs };
}

interface Probed {
  readonly latencyMs: number;
  readonly bytesPerSecond: number;
  readonly recentMs: readonly number[];
}

/** Medians of round trips: of an empty message, and what a large one takes beyond that. */
async function probe(fabric: Fabric, key: string, times: number): Promise<Probed | null> {
  const subject = subjectOfKey(key, "echo");
  const roundTrip = async (bytes: number): Promise<number> => {
    const started = nowMs();
    const body = new Uint8Array(bytes);
    await fabric.request(subject, { headers: {}, body }, PROBE_MS);
    return nowMs() - started;
  };
  try {
    const empty: number[] = [];
    const large: number[] = [];
    for (let i = 0; i < WARM_UPS && times > 1; i++) await roundTrip(0);
    for (let i = 0; i < times; i++) empty.push(await roundTrip(0));
    const size = Math.min(PROBE_BYTES, fabric.maxBodyBytes);
    for (let i = 0; i < times && times > 1; i++) large.push(await roundTrip(size));
    const latencyMs = median(empty);
    const wireMs = Math.max(LEAST_MS, (large.length === 0 ? latencyMs : median(large)) - latencyMs);
    return { latencyMs, bytesPerSecond: (2 * size * 1000) / wireMs, recentMs: empty };
  } catch {
    return null;
  }
}
