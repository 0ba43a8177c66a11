/**
 * Hot reload: when a bundle's CURRENT or the manifest that it names changes, or a version comes or
 * goes, the new version is read beside the old, checked, and served in one step; a version that was
 * removed is served no more. A version that cannot be read or does not answer changes nothing; it
 * is tried again, ever less often, until one of the files changes again.
 *
 * The files are looked at rather than watched: notifications are lost on network file systems and
 * in containers, and a look a second costs nothing.
 */
import type { FastifyBaseLogger } from "fastify";
import {
  type Bundle,
  currentStamp,
  listVersions,
  readBundle,
  readVersion,
} from "../bundle/index.ts";
import { nowMs } from "../shared/clock.ts";
import type { ServerMetrics } from "./metrics.ts";
import type { Registry } from "./registry.ts";

export interface BundleSource {
  /** The model's name. */
  readonly name: string;
  readonly folder: string;
}

export interface WatchOptions {
  readonly registry: Registry;
  readonly metrics: Pick<ServerMetrics, "countReload">;
  readonly log: Pick<FastifyBaseLogger, "info" | "error">;
  /** Versions of a bundle that can be asked for at once, the served one included. */
  readonly maxVersions: number;
  readonly everyMs?: number;
  /** Called before these versions of a model are served, and again when they are alone. */
  readonly prepare?: (name: string, bundles: readonly Bundle[]) => Promise<void>;
}

export interface Watch {
  /** Ends the watch, after what it is reading. */
  close(): Promise<void>;
}

const LOOK_EVERY_MS = 1000;
const FIRST_RETRY_MS = 2000;
const LAST_RETRY_MS = 300_000;

interface Watched extends BundleSource {
  /** Of the version that is served, or was tried. */
  stamp: string;
  /** After a failure: when to try again, and how long to wait after that. */
  retry: { readonly atMs: number; readonly afterMs: number } | null;
}

/**
 * Puts every bundle into the registry and keeps it up to date.
 *
 * @throws as `readBundle`, or BUNDLE_CORRUPT if a model does not answer.
 */
export async function serveBundles(
  sources: readonly BundleSource[],
  options: WatchOptions,
): Promise<Watch> {
  const { maxVersions, everyMs = LOOK_EVERY_MS } = options;
  const watched: Watched[] = [];
  for (const source of sources) {
    const stamp = await stampOf(source.folder, maxVersions);
    await replace(source.name, await readVersions(source.folder, maxVersions), options);
    watched.push({ ...source, stamp, retry: null });
  }
  let looking = Promise.resolve();
  let isLooking = false;
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    looking = lookAtAll(watched, options).finally(() => {
      isLooking = false;
    });
  }, everyMs);
  timer.unref();
  return {
    close: () => {
      clearInterval(timer);
      return looking;
    },
  };
}

async function lookAtAll(watched: readonly Watched[], options: WatchOptions): Promise<void> {
  for (const bundle of watched) await look(bundle, options);
}

async function look(bundle: Watched, options: WatchOptions): Promise<void> {
  const { registry, metrics, log, maxVersions } = options;
  const { name, folder } = bundle;
  try {
    const stamp = await stampOf(folder, maxVersions);
    const due = bundle.retry !== null && nowMs() >= bundle.retry.atMs;
    if (stamp === bundle.stamp && !due) return;
    const hadFailed = bundle.retry !== null;
    if (stamp !== bundle.stamp) bundle.retry = null;
    bundle.stamp = stamp;
    const before = registry.find(name);
    await replace(name, await readVersions(folder, maxVersions), options);
    bundle.retry = null;
    const after = registry.find(name);
    // A file was touched, or looked at in the middle of a switch.
    if (after === before && !hadFailed) return;
    metrics.countReload(name, "loaded");
    log.info({ model: name, before: before.version, version: after.version }, "loaded a version");
  } catch (err) {
    if (bundle.retry !== null && nowMs() < bundle.retry.atMs) return;
    const waitMs = Math.min(LAST_RETRY_MS, 2 * (bundle.retry?.afterMs ?? FIRST_RETRY_MS / 2));
    bundle.retry = { atMs: nowMs() + waitMs, afterMs: waitMs };
    metrics.countReload(name, "failed");
    log.error({ err, model: name, retryAfterMs: waitMs }, "kept the old version");
  }
}

/** Also of the versions that can be asked for: `forget` removes those that knew its rows. */
async function stampOf(folder: string, maxVersions: number): Promise<string> {
  const versions = (await listVersions(folder)).slice(0, maxVersions);
  return `${await currentStamp(folder)} ${versions}`;
}

/** Old versions are served until the new ones are ready on all nodes that need them. */
async function replace(
  name: string,
  bundles: readonly [Bundle, ...Bundle[]],
  { registry, prepare }: WatchOptions,
): Promise<void> {
  const before = [...(registry.models.get(name)?.versions.values() ?? [])].map((one) => one.bundle);
  await prepare?.(name, [...bundles, ...before]);
  registry.put(name, bundles);
  if (before.length > 0) await prepare?.(name, bundles);
}

/** The served version, and the newest others; one of those that cannot be read is left out. */
async function readVersions(
  folder: string,
  maxVersions: number,
): Promise<readonly [Bundle, ...Bundle[]]> {
  const current = await readBundle(folder);
  const others: Bundle[] = [];
  for (const version of await listVersions(folder)) {
    if (others.length + 1 >= maxVersions) break;
    if (version === current.version) continue;
    const [outcome] = await Promise.allSettled([readVersion(folder, version)]);
    if (outcome.status === "fulfilled") others.push(outcome.value);
  }
  return [current, ...others];
}
