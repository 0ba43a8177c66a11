/**
 * From one table of homes to the next, so that every expert is somewhere at every moment: load
 * beside, see that it is held, switch the table, then drop.
 */

import { BailiwickError } from "../../shared/errors.ts";
import type { Fabric } from "../fabric/index.ts";
import { subjectOfKey } from "../fabric/index.ts";
import { COMMAND, type Command, type Done, encode, parseDone } from "../nodes/index.ts";
import { HOMES_KEY, type Homes } from "../router/index.ts";

export type HomesByExpert = Homes["homes"];

/** A node that did not do what it was told. */
export interface Refused {
  readonly key: string;
  readonly expert: string;
  readonly why: string;
  /** Whether it has no room for what it said it had. */
  readonly isFull: boolean;
  readonly usedBytes: number;
}

const LOAD_MS = 10_000;
const DROP_MS = 2000;

/** @returns The node that refused, if one did; nothing was switched then. */
export async function loadAll(
  fabric: Fabric,
  term: number,
  before: HomesByExpert,
  after: HomesByExpert,
): Promise<Refused | null> {
  const wanted = byNode(after, (hash, key) => !(before[hash] ?? []).includes(key));
  const refused = await Promise.all([...wanted].map((own) => loadOn(fabric, term, ...own)));
  return refused.find((one) => one !== null) ?? null;
}

async function loadOn(
  fabric: Fabric,
  term: number,
  key: string,
  experts: readonly string[],
): Promise<Refused | null> {
  try {
    const done = await tell(fabric, key, { term, action: "load", experts }, LOAD_MS);
    const missing = experts.find((_, i) => done.bytes[i] === 0);
    if (missing === undefined) return null;
    const why = `${key} says that it loaded ${missing.slice(0, 12)} and does not hold it`;
    return { key, expert: missing, why, isFull: true, usedBytes: done.usedBytes };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const isFull = error instanceof BailiwickError && error.code === "MEMORY_EXCEEDED";
    return { key, expert: experts[0]!, why, isFull, usedBytes: 0 };
  }
}

/** Drops what is no longer at home somewhere; a node that does not hear has left anyway. */
export async function dropAll(
  fabric: Fabric,
  term: number,
  before: HomesByExpert,
  after: HomesByExpert,
): Promise<void> {
  const gone = byNode(before, (hash, key) => !(after[hash] ?? []).includes(key));
  await Promise.all(
    [...gone].map(([key, experts]) =>
      tell(fabric, key, { term, action: "drop", experts }, DROP_MS).catch(() => null),
    ),
  );
}

/** @throws as `Fabric.request`, TERM_STALE, or what the node failed at. */
export async function tell(
  fabric: Fabric,
  key: string,
  command: Command,
  timeoutMs: number,
): Promise<Done> {
  const message = { headers: {}, body: encode(command) };
  const { body } = await fabric.request(subjectOfKey(key, COMMAND), message, timeoutMs);
  const done = parseDone(body);
  if (done !== null) return done;
  throw new BailiwickError("NODE_UNAVAILABLE", `${key} must say what it has done, it does not`);
}

/** @returns Whether the table is ours to write: false if another has written it since. */
export async function switchTable(
  fabric: Fabric,
  homes: Homes,
  revision: number,
): Promise<number | null> {
  const table = await fabric.bucket("table");
  return table.put(HOMES_KEY, new TextEncoder().encode(JSON.stringify(homes)), revision);
}

function byNode(
  homes: HomesByExpert,
  isWanted: (hash: string, key: string) => boolean,
): ReadonlyMap<string, readonly string[]> {
  const byKey = new Map<string, string[]>();
  for (const [hash, keys] of Object.entries(homes)) {
    for (const key of keys) {
      if (isWanted(hash, key)) byKey.set(key, [...(byKey.get(key) ?? []), hash]);
    }
  }
  return byKey;
}
