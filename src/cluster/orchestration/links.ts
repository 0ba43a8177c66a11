/** Links to nodes, measured by messages that they echo. */
import { nowMs } from "../../shared/clock.ts";
import { median } from "../../shared/statistics.ts";
import { type Fabric, subjectOfKey } from "../fabric/index.ts";

export interface Link {
  readonly latencyMs: number;
  readonly bytesPerSecond: number;
  /** The latest round trips, the oldest first. */
  readonly recentMs: readonly number[];
}

const PROBE_BYTES = 1 << 18;
const PROBES = 15;
/** The first round trips of a link are slower than the later ones. */
const WARM_UPS = 10;
const PROBE_MS = 1000;
const LEAST_MS = 0.001;
/** A link changes when its latency changes by this share. */
const CHANGED = 0.25;

/** Medians: of an empty round trip, and of what a large message takes more. null without echo. */
export async function measureLink(fabric: Fabric, key: string): Promise<Link | null> {
  const size = Math.min(PROBE_BYTES, fabric.maxBodyBytes);
  const empty: number[] = [];
  const large: number[] = [];
  try {
    for (let i = 0; i < WARM_UPS; i++) await roundTrip(fabric, key, 0);
    for (let i = 0; i < PROBES; i++) empty.push(await roundTrip(fabric, key, 0));
    for (let i = 0; i < PROBES; i++) large.push(await roundTrip(fabric, key, size));
  } catch {
    return null;
  }
  const latencyMs = median(empty);
  const wireMs = Math.max(LEAST_MS, median(large) - latencyMs);
  return { latencyMs, bytesPerSecond: (2 * size * 1000) / wireMs, recentMs: empty };
}

/**
 * The link after one more round trip; null without echo. Its latency is another only when the
 * median of the latest round trips is: a single slow one changes nothing.
 */
export async function measureAgain(fabric: Fabric, key: string, link: Link): Promise<Link | null> {
  let ms: number;
  try {
    ms = await roundTrip(fabric, key, 0);
  } catch {
    return null;
  }
  const recentMs = [...link.recentMs, ms].slice(-PROBES);
  const now = median(recentMs);
  const isAnother = Math.abs(now - link.latencyMs) > CHANGED * link.latencyMs;
  return { ...link, latencyMs: isAnother ? now : link.latencyMs, recentMs };
}

async function roundTrip(fabric: Fabric, key: string, bytes: number): Promise<number> {
  const started = nowMs();
  const message = { headers: {}, body: new Uint8Array(bytes) };
  await fabric.request(subjectOfKey(key, "echo"), message, PROBE_MS);
  return nowMs() - started;
}
