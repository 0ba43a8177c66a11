/**
 * Asks one expert on any node: its best home first, the next one if that does not answer.
 *
 * A node that failed is left alone for a moment: rows go to another home, or the caller hears at
 * once that the expert cannot answer.
 */
import { nowMs } from "../../shared/clock.ts";
import { BailiwickError } from "../../shared/errors.ts";
import type { Matrix } from "../../shared/matrix.ts";
import type { Passage } from "../borders/index.ts";
import {
  type Fabric,
  invalidMessage,
  type Message,
  subjectOfKey,
  zoneOfKey,
} from "../fabric/index.ts";
import { type Asked, EXPERT, type Node, readAnswer, SEALED, writeAsk } from "../nodes/index.ts";
import { createSealer, type SealOffer } from "../seal/index.ts";
import type { VerifierKey } from "../witness/index.ts";
import { createSealedAsker } from "./ask-sealed.ts";
import type { Directory } from "./directory.ts";
import { createStandings, type NodeCounts, type Standings } from "./standings.ts";

export interface Question {
  readonly expert: string;
  readonly version: string;
  readonly X: Matrix;
  /** How the rows may go to a zone. */
  readonly passage: (zone: string) => Passage;
  /** By this process's clock. */
  readonly deadlineMs: number;
}

export interface Asker {
  /**
   * @throws EXPERT_UNAVAILABLE if no home answers in time; SHAPE_MISMATCH for rows of a wrong
   *   width.
   */
  ask(question: Question): Promise<Float32Array>;
  /** By node, since the last call. */
  takeCounts(): ReadonlyMap<string, NodeCounts>;
}

/** Time for one attempt, and for each of its rows. */
const ATTEMPT_MS = 250;
const ATTEMPT_MS_PER_ROW = 0.05;
/** Between attempts at all homes, where the fabric may be moving to another server. */
const PAUSE_MS = 25;

export interface AskerOptions {
  readonly local: Node | null;
  readonly zoneKeys: readonly VerifierKey[];
}

export function createAsker(fabric: Fabric, directory: Directory, options: AskerOptions): Asker {
  const { local } = options;
  const standings = createStandings();
  const { mayAsk, askNode } = createNodeAsker(fabric, directory, options, standings);
  const waitOf = (key: string): number => (key === local?.key ? 0 : standings.waitOf(key));
  /** Those that are there, also while they are left alone or the connection is down. */
  const homesFor = ({ version, passage }: Question): readonly string[] =>
    directory
      .homesOf(version)
      .filter((key) => mayAsk(key, passage))
      .filter((key) => key === local?.key || directory.isThere(key))
      .sort((a, b) => waitOf(a) - waitOf(b));
  const isOpen = (key: string): boolean =>
    key === local?.key || (fabric.isConnected() && Number.isFinite(standings.waitOf(key)));
  /** Asks each home once, the best first; null if none answers. Notes whom it has asked. */
  const askHomes = async (question: Question, asked: Set<string>): Promise<Float32Array | null> => {
    const tried = new Set<string>();
    for (;;) {
      const key = homesFor(question).find((home) => !tried.has(home) && isOpen(home));
      if (key === undefined || nowMs() >= question.deadlineMs) return null;
      tried.add(key);
      asked.add(key);
      try {
        return await askNode(key, question);
      } catch (error) {
        fabric.refusals.count(error);
        if (error instanceof BailiwickError && error.code === "SHAPE_MISMATCH") throw error;
      }
    }
  };
  /** Nodes and routers of a server that went are at another one soon. */
  const mayComeBack = (question: Question): boolean =>
    fabric.failoverMs > 0 && nowMs() < question.deadlineMs && homesFor(question).length > 0;
  return {
    ask: async (question) => {
      const asked = new Set<string>();
      for (;;) {
        const answers = await askHomes(question, asked);
        if (answers !== null) return answers;
        if (!mayComeBack(question)) throw unavailable(question, asked);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    },
    takeCounts: standings.takeCounts,
  };
}

interface NodeAsker {
  /** Whether rows may go to a node by this way, and can. */
  mayAsk(key: string, passage: Question["passage"]): boolean;
  askNode(key: string, question: Question): Promise<Float32Array>;
}

function createNodeAsker(
  fabric: Fabric,
  directory: Directory,
  { local, zoneKeys }: AskerOptions,
  standings: Standings,
): NodeAsker {
  const sealer = createSealer(zoneKeys, (error) => countBadKey(fabric, error));
  const offerOf = (key: string): SealOffer | null =>
    directory.nodes().get(key)?.announcement.seal ?? null;
  const send = (key: string, message: Message, timeoutMs: number, what = SEALED) =>
    fabric.request(subjectOfKey(key, `${EXPERT}.${what}`), message, timeoutMs);
  const askSealed = createSealedAsker(sealer, send);
  let nLost = 0;
  fabric.onConnection((isConnected) => {
    if (!isConnected) nLost += 1;
  });
  return {
    mayAsk: (key, passage) => {
      const way = passage(zoneOfKey(key));
      // To a node of this process nothing is sent.
      if (way !== "sealed" || key === local?.key) return way !== "never";
      return sealer.canReach(key, offerOf(key));
    },
    askNode: (key, { expert, version, X, deadlineMs, passage }) => {
      const asked: Asked = { expert, version, term: directory.term() };
      if (key === local?.key) return local.answer(asked, X);
      const longestMs = ATTEMPT_MS + ATTEMPT_MS_PER_ROW * X.nRows;
      const timeoutMs = Math.max(1, Math.min(deadlineMs - nowMs(), longestMs));
      const nLostBefore = nLost;
      const sendIt = async (message: Message): Promise<Message> => {
        if (passage(zoneOfKey(key)) !== "sealed") {
          return send(key, message, timeoutMs, version);
        }
        const offer = offerOf(key);
        if (offer === null) throw new BailiwickError("NODE_ABSENT", `${key} must announce its key`);
        return askSealed({ node: key, offer, message, nColumns: X.nColumns, timeoutMs });
      };
      const request = async (): Promise<Float32Array> =>
        readAnswer(await sendIt(writeAsk(asked, X)), asked, X.nRows);
      // After a lost connection a node may be back on the fabric later than this process.
      const isItsFault = (error: unknown): boolean =>
        fabric.isConnected() && nLost === nLostBefore && !isAbsent(error);
      return standings.observe(key, request, isItsFault);
    },
  };
}

/** Counted, and said once, as what else does not fit. */
function countBadKey(fabric: Fabric, error: unknown): void {
  const problem = error instanceof Error ? error.message : String(error);
  fabric.refusals.count(invalidMessage("a node's key", problem));
}

/** No process took the request: whether the node is there, its announcements say. */
function isAbsent(error: unknown): boolean {
  return error instanceof BailiwickError && error.code === "NODE_ABSENT";
}

function unavailable({ expert }: Question, tried: ReadonlySet<string>): BailiwickError {
  const names = [...tried].join(", ") || "no node that holds it is there";
  const message = `expert ${expert} must answer, tried: ${names}`;
  return new BailiwickError("EXPERT_UNAVAILABLE", message, { expert });
}
