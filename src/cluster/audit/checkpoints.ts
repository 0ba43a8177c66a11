/**
 * The checkpoints of an audit log: signed by the log's key, then by witnesses.
 *
 * The last one that a quorum has signed lies beside the log (`<log>.checkpoint`). A new one is made
 * when there are new lines, at most once a second, so that appends hardly wait for its writes, and
 * once an hour, so that an old one shows by its time. Nothing waits for it: lines that no
 * checkpoint has yet are counted (`unwitnessed`).
 */
import { existsSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { nowMs } from "../../shared/clock.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { every } from "../../shared/every.ts";
import { readTextFile, writeFileAtomic } from "../../shared/files.ts";
import {
  askWitness,
  type Checkpoint,
  type Cosignature,
  formatCheckpoint,
  formatNote,
  MAX_NOTE_BYTES,
  type MerkleTree,
  nHashes,
  openSigned,
  type Policy,
  proveGrowth,
  type SignerKey,
  signText,
  treeRoot,
  type Witness,
  type WitnessAnswer,
} from "../witness/index.ts";
import { broken } from "./read-log.ts";

export interface Checkpoints {
  /** Makes a checkpoint of the lines that are there, soon. */
  send(): void;
  /** How many lines no quorum of witnesses has signed. */
  unwitnessed(): number;
  /** Tries once more. */
  close(): Promise<void>;
}

export interface CheckpointsOptions {
  /** The log's path. */
  readonly path: string;
  /** Of the log's lines; it grows with the log. */
  readonly tree: MerkleTree;
  readonly key: SignerKey;
  readonly policy: Policy;
  /** Gets a line when a witness fails, and when it signs again. */
  readonly say: (line: string) => void;
  readonly pauseMs?: number;
}

/** A checkpoint on its way, and who has signed it. */
interface Round {
  readonly size: number;
  readonly text: string;
  readonly logLine: string;
  readonly madeMs: number;
  readonly signed: Map<string, Cosignature>;
  nKept: number;
}

interface State extends CheckpointsOptions {
  /** The size that each witness signed last, as far as this process knows. */
  readonly sizes: Map<string, number>;
  readonly problems: Map<string, string>;
  round: Round | null;
  witnessedSize: number;
  isClosing: boolean;
  /** Hashes in the tree's file. */
  nHashesKept: number;
}

/** Between checkpoints, and between attempts. */
const PAUSE_MS = 1000;
const REFRESH_MS = 3_600_000;

export const checkpointFile = (path: string): string => `${path}.checkpoint`;
export const treeFile = (path: string): string => `${path}.tree`;

/**
 * @throws INVALID_OPTION if the policy does not have the log's key; AUDIT_BROKEN if the log is not
 *   what its last checkpoint says; NOTE_INVALID if that is none of this key.
 */
export async function openCheckpoints(options: CheckpointsOptions): Promise<Checkpoints> {
  const { key, policy, tree, path } = options;
  if (!policy.logs.some(({ bytes }) => bytes.equals(key.verifier.bytes))) {
    const message = `the policy must have the log's key, a line log of ${key.verifier.name}`;
    throw new BailiwickError("INVALID_OPTION", message);
  }
  const witnessedSize = await witnessedBefore(path, policy, tree);
  const state: State = {
    ...options,
    sizes: new Map(),
    problems: new Map(),
    round: null,
    witnessedSize,
    isClosing: false,
    nHashesKept: 0,
  };
  const turning = every(options.pauseMs ?? PAUSE_MS, () => turn(state));
  turning.now();
  return {
    send: turning.now,
    unwitnessed: () => tree.size - state.witnessedSize,
    close: async () => {
      state.isClosing = true;
      turning.now();
      await turning.stop();
    },
  };
}

/** The size of the checkpoint beside the log; 0 if there is none. */
async function witnessedBefore(path: string, policy: Policy, tree: MerkleTree): Promise<number> {
  if (!existsSync(checkpointFile(path))) return 0;
  const note = await readTextFile(checkpointFile(path), { maxBytes: MAX_NOTE_BYTES });
  const { checkpoint } = openSigned(note, policy);
  checkAgainst(tree, checkpoint);
  return checkpoint.size;
}

/** @throws AUDIT_BROKEN unless the tree begins with what the checkpoint says. */
export function checkAgainst(tree: MerkleTree, { size, root }: Checkpoint): void {
  if (tree.size < size) {
    throw broken(tree.size + 1, `must be there, a checkpoint that was signed has ${size} lines`);
  }
  if (treeRoot(tree, size).equals(root)) return;
  throw broken(size, "and those before must be what a signed checkpoint says, one is another");
}

async function turn(state: State): Promise<void> {
  const { tree, policy } = state;
  if (tree.size === 0) return;
  const { round: before } = state;
  const round = before === null || isOver(state, before) ? begin(state) : before;
  const open = policy.witnesses.filter(({ name, url }) => url !== null && !round.signed.has(name));
  await Promise.all(open.map((witness) => collect(state, round, witness)));
  if (round.signed.size > round.nKept && policy.isQuorum(new Set(round.signed.keys()))) {
    await keep(state, round);
  }
}

/** Whether it is time for another. */
function isOver({ tree, isClosing, pauseMs = PAUSE_MS }: State, { size, madeMs }: Round): boolean {
  const ageMs = nowMs() - madeMs;
  return ageMs > REFRESH_MS || (size < tree.size && (isClosing || ageMs >= pauseMs));
}

function begin(state: State): Round {
  const { key, tree } = state;
  const size = tree.size;
  const text = formatCheckpoint({ origin: key.verifier.name, size, root: treeRoot(tree) });
  const logLine = signText(key, text);
  const round = { size, text, logLine, madeMs: nowMs(), signed: new Map(), nKept: 0 };
  state.round = round;
  return round;
}

/** Asks a witness, once more if it has seen the log to another size than was thought. */
async function collect(state: State, round: Round, witness: Witness): Promise<void> {
  const { sizes, witnessedSize, tree } = state;
  const { name } = witness;
  const thought = Math.min(sizes.get(name) ?? witnessedSize, round.size);
  let answer = await ask(state, round, witness, thought);
  if (answer.kind === "elsewhere") {
    const { size } = answer;
    if (size > tree.size) {
      return say(state, name, `has signed ${size} lines, the log has ${tree.size}: it was cut`);
    }
    const known = sizes.get(name) ?? 0;
    if (size < known) {
      state.say(
        `the witness ${name} has forgotten: it had signed ${known} lines, now it says ${size}`,
      );
    }
    if (size > round.size) return;
    answer = await ask(state, round, witness, size);
  }
  if (answer.kind === "signed") {
    sizes.set(name, round.size);
    round.signed.set(name, answer.cosignature);
    return say(state, name, null);
  }
  const why = answer.kind === "elsewhere" ? "it says another size each time" : answer.why;
  say(state, name, `did not sign: ${why}`);
}

function ask(
  { tree }: State,
  { text, logLine, size }: Round,
  witness: Witness,
  before: number,
): Promise<WitnessAnswer> {
  const proof = proveGrowth(tree, before, size);
  return askWitness(witness, { text, note: formatNote(text, [logLine]), size, before, proof });
}

/** Each problem once, until it is another or over. */
function say({ problems, say: tell }: State, name: string, problem: string | null): void {
  if ((problems.get(name) ?? null) === problem) return;
  if (problem === null) {
    problems.delete(name);
    tell(`the witness ${name} signs again`);
  } else {
    problems.set(name, problem);
    tell(`the witness ${name} ${problem}`);
  }
}

/** The checkpoint first: the tree's file only saves work. */
async function keep(state: State, round: Round): Promise<void> {
  const { path, policy, tree } = state;
  const lines = policy.witnesses.flatMap(({ name }) => round.signed.get(name)?.line ?? []);
  const file = "checkpoint";
  try {
    await writeFileAtomic(checkpointFile(path), formatNote(round.text, [round.logLine, ...lines]));
    round.nKept = lines.length;
    state.witnessedSize = round.size;
    say(state, file, null);
  } catch (error) {
    return say(state, file, `could not be kept: ${reason(error)}`);
  }
  try {
    await keepTree(state, tree);
    say(state, "tree", null);
  } catch (error) {
    state.nHashesKept = 0;
    say(state, "tree", `could not be kept: ${reason(error)}`);
  }
}

/** Written whole by each process, then grown. */
async function keepTree(state: State, tree: MerkleTree): Promise<void> {
  const file = treeFile(state.path);
  const count = nHashes(tree.size);
  const hashes = tree.hashesFrom(state.nHashesKept);
  if (state.nHashesKept === 0) await writeFileAtomic(file, hashes);
  else await appendFile(file, hashes);
  state.nHashesKept = count;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
