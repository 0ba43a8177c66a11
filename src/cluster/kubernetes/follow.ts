/**
 * The objects of one kind as they are now: a list, then a watch from there, then a list again.
 *
 * A watch may fall silent without an end (a proxy, a load balancer), and what it tells may be too
 * old (410 Gone). Neither is asked about: each watch ends after 20 s, by the server or here, and a
 * list follows, so nothing is missed for longer than 30 s. A server that fails or ends watches at
 * once is asked less and less often, up to every 15 s.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { nowMs } from "../../shared/clock.ts";
import type { KubeApi } from "./api.ts";

export interface Followed<T> {
  /** By name; null until the first list. */
  objects(): ReadonlyMap<string, T> | null;
}

export interface FollowOptions<T> {
  /** With its namespace, without a query. */
  readonly path: string;
  /** A label selector. */
  readonly selector?: string;
  readonly read: (value: unknown) => T | undefined;
  readonly onChange: () => void;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
  /** From [0, 1): spreads the retries of several controllers. */
  readonly random: () => number;
  /** After this time a watch is taken to be silent. */
  readonly silentMs?: number;
}

const WATCH_SECONDS = 20;
/** Longer than the server's own end takes; within half a minute a list must follow. */
export const SILENT_MS = 25_000;
const SHORT_MS = 2000;
const FIRST_WAIT_MS = 250;
const MOST_WAIT_MS = 15_000;

const named = z.object({ metadata: z.object({ name: z.string() }) });
const listed = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
  items: z.array(z.unknown()),
});
const event = z.object({ type: z.string(), object: z.unknown() });

/** Follows until `signal`. */
export function follow<T>(api: KubeApi, options: FollowOptions<T>): Followed<T> {
  const { log, signal, random } = options;
  let objects: Map<string, T> | null = null;
  const run = async (): Promise<void> => {
    let failures = 0;
    while (!signal.aborted) {
      const started = nowMs();
      try {
        const { version, found } = await list(api, options);
        objects = found;
        options.onChange();
        await watch(api, options, version, found);
        failures = nowMs() - started < SHORT_MS ? failures + 1 : 0;
      } catch (error) {
        if (failures === 0) log(`${options.path}: ${String(error)}`);
        failures += 1;
      }
      const most = Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures);
      if (failures > 0) await pause(most * (0.5 + random() / 2), signal);
    }
  };
  void run();
  return { objects: () => objects };
}

function query({ path, selector }: { path: string; selector?: string }, more = ""): string {
  const label = selector === undefined ? "" : `&labelSelector=${encodeURIComponent(selector)}`;
  return `${path}?limit=0${label}${more}`;
}

async function list<T>(
  api: KubeApi,
  options: FollowOptions<T>,
): Promise<{ version: string; found: Map<string, T> }> {
  const answer = listed.parse(await api.send({ method: "GET", path: query(options) }));
  const found = new Map<string, T>();
  for (const item of answer.items) put(found, options, item);
  return { version: answer.metadata.resourceVersion, found };
}

/** An object that cannot be read is told of and left alone. */
function put<T>(found: Map<string, T>, { read, log, path }: FollowOptions<T>, item: unknown): void {
  const name = named.safeParse(item).data?.metadata.name;
  if (name === undefined) return;
  const value = read(item);
  if (value === undefined) log(`${path}: ${name} does not fit its schema and is left alone`);
  else found.set(name, value);
}

/** Writes into `found`. */
async function watch<T>(
  api: KubeApi,
  options: FollowOptions<T>,
  version: string,
  found: Map<string, T>,
): Promise<void> {
  const { signal, onChange, silentMs = SILENT_MS } = options;
  const more = `&watch=1&resourceVersion=${version}&timeoutSeconds=${WATCH_SECONDS}`;
  await api.lines(query(options, more), { limitMs: silentMs, signal }, (line) => {
    const { type, object } = event.parse(line);
    // 410 Gone for the most part: what is there now is listed again.
    if (type === "ERROR") return false;
    if (type === "DELETED") found.delete(named.parse(object).metadata.name);
    else if (type === "ADDED" || type === "MODIFIED") put(found, options, object);
    onChange();
    return true;
  });
}

/** Ends early by `signal`. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
