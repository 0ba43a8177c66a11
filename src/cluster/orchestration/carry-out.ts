/**
 * From the present homes to the next, so that every expert is held somewhere at every moment: load
 * on the new nodes, see that they hold it, write the homes, then drop.
 */
import { BailiwickError } from "../../shared/errors.ts";
import { type Fabric, subjectOfKey, writeMessage } from "../fabric/index.ts";
import { COMMAND, type Command, type CommandResult, parseCommandResult } from "../nodes/index.ts";
import { HOMES_KEY, type Homes } from "../router/index.ts";

export type HomesByExpert = Homes["homes"];

/** A node that did not load an expert. */
export interface Refused {
  readonly key: string;
  readonly expert: string;
  readonly why: string;
  /** Whether it has less room than it announces. */
  readonly isFull: boolean;
  readonly usedBytes: number;
}

const LOAD_MS = 10_000;
const DROP_MS = 2000;

/** @returns The first node that refused; null if every node loaded its experts. */
export async function loadAll(
  fabric: Fabric,
  term: number,
  before: HomesByExpert,
  after: HomesByExpert,
): Promise<Refused | null> {
  const wanted = byNode(after, (hash, key) => !(before[hash] ?? []).includes(key));
  const refused = await Promise.all([...wanted].map((load) => loadOn(fabric, term, ...load)));
  return refused.find((one) => one !== null) ?? null;
}

async function loadOn(
  fabric: Fabric,
  term: number,
  key: string,
  experts: readonly string[],
): Promise<Refused | null> {
  try {
    const command: Command = { term, action: "load", experts };
    const { bytes, usedBytes } = await sendCommand(fabric, key, command, LOAD_MS);
    const missing = experts.find((_, i) => (bytes[i] ?? 0) === 0);
    if (missing === undefined) return null;
    const why = `${key} says that it loaded ${missing.slice(0, 12)} and does not hold it`;
    return { key, expert: missing, why, isFull: true, usedBytes };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const isFull = error instanceof BailiwickError && error.code === "MEMORY_EXCEEDED";
    return { key, expert: experts[0]!, why, isFull, usedBytes: 0 };
  }
}

/** Drops experts where they have no home any more; a node that does not answer has left anyway. */
export async function dropAll(
  fabric: Fabric,
  term: number,
  before: HomesByExpert,
  after: HomesByExpert,
): Promise<void> {
  const gone = byNode(before, (hash, key) => !(after[hash] ?? []).includes(key));
  await Promise.all(
    [...gone].map(([key, experts]) =>
      sendCommand(fabric, key, { term, action: "drop", experts }, DROP_MS).catch(() => null),
    ),
  );
}

/** @throws as `Fabric.request`; TERM_STALE, or whatever the node failed at; MESSAGE_INVALID */
export async function sendCommand(
  fabric: Fabric,
  key: string,
  command: Command,
  timeoutMs: number,
): Promise<CommandResult> {
  const message = { headers: {}, body: writeMessage(command) };
  try {
    const { body } = await fabric.request(subjectOfKey(key, COMMAND), message, timeoutMs);
    return parseCommandResult(body);
  } catch (error) {
    fabric.refusals.count(error);
    throw error;
  }
}

/** @returns The homes' revision; null if another process has written them since `revision`. */
export async function writeHomes(
  fabric: Fabric,
  homes: Homes,
  revision: number,
): Promise<number | null> {
  const bucket = await fabric.bucket("homes");
  return bucket.put(HOMES_KEY, writeMessage(homes), revision);
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
