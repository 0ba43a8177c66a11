/** What a placer tells a node to do. */
import { BailiwickError } from "../../shared/errors.ts";

export interface Command {
  /** Of the placer's lease: one that was overtaken is not obeyed. */
  readonly term: number;
  readonly action: "load" | "drop" | "prefetch" | "ping";
  /** Hashes of experts. */
  readonly experts: readonly string[];
}

/** What a node says when it has done so. */
export interface Done {
  /** Bytes that each of the experts takes, in their order; 0 where it is not held. */
  readonly bytes: readonly number[];
  readonly usedBytes: number;
  /** Of this start of the node. */
  readonly incarnation: string;
}

export const COMMAND = "command";

const HASH = /^[0-9a-f]{64}$/;
const ACTIONS: readonly string[] = ["load", "drop", "prefetch", "ping"];

export function encode(value: Command | Done): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** @throws INVALID_OPTION for what is no command. */
export function parseCommand(body: Uint8Array): Command {
  const told = parse(body) as Partial<Command> | null;
  const isOne =
    Number.isInteger(told?.term) &&
    ACTIONS.includes(told?.action ?? "") &&
    Array.isArray(told?.experts) &&
    told.experts.every((hash) => typeof hash === "string" && HASH.test(hash));
  if (isOne) return told as Command;
  throw new BailiwickError("INVALID_OPTION", "a command must have a term, an action and experts");
}

export function parseDone(body: Uint8Array): Done | null {
  const told = parse(body) as Partial<Done> | null;
  return Array.isArray(told?.bytes) && typeof told.incarnation === "string" ? (told as Done) : null;
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return null;
  }
}
