/** Commands of a placer to a node. */
import { z } from "zod";
import { readMessage, sha256Schema } from "../fabric/index.ts";

const MAX_EXPERTS = 100_000;
const count = z.number().nonnegative();
const term = z.int().nonnegative();

const commandSchema: z.ZodType<Command> = z.object({
  /** Of the placer's lease: a node does not obey an earlier term than it has seen. */
  term,
  action: z.enum(["load", "drop", "prefetch", "keep", "ping"]),
  /** Hashes of experts. */
  experts: z.array(sha256Schema).max(MAX_EXPERTS).readonly(),
});

const resultSchema: z.ZodType<CommandResult> = z.object({
  /** Bytes that each of the experts takes, in their order; 0 where it is not held. */
  bytes: z.array(count).max(MAX_EXPERTS).readonly(),
  usedBytes: count,
  /** Of this start of the node. */
  incarnation: z.string().max(64),
});

export interface Command {
  readonly term: number;
  /** "keep" drops all other experts, and removes their files. */
  readonly action: "load" | "drop" | "prefetch" | "keep" | "ping";
  readonly experts: readonly string[];
}

/** What a node reports after a command. */
export interface CommandResult {
  readonly bytes: readonly number[];
  readonly usedBytes: number;
  readonly incarnation: string;
}

/** The part of a node's subjects on which it takes commands. */
export const COMMAND = "command";

/** @throws MESSAGE_INVALID unless it is a command. */
export function parseCommand(body: Uint8Array): Command {
  return readMessage("a command", commandSchema, body);
}

/** @throws MESSAGE_INVALID unless it is a command's result. */
export function parseCommandResult(body: Uint8Array): CommandResult {
  return readMessage("a command's result", resultSchema, body);
}
