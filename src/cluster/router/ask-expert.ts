/**
 * Asks one expert on any node: its best home first, the next one if that does not answer.
 *
 * A node that failed is left alone for a moment: rows go to another home, or the caller hears at
 * once that the expert cannot answer.
 */
import { nowMs } from "../../shared/clock.ts";
import { BailiwickError } from "../../shared/errors.ts";
import type { Matrix } from "../../shared/matrix.ts";
import type { Fabric } from "../fabric/index.ts";
import { subjectOfKey, zoneOfKey } from "../fabric/index.ts";
import { type Asked, EXPERT, type Node, readAnswer, writeAsk } from "../nodes/index.ts";
import type { Directory } from "./directory.ts";
import { createStandings, type NodeCounts } from "./standings.ts";

export interface Question {
  readonly expert: string;
  readonly version: string;
  readonly X: Matrix;
  /** Zones that the rows may be in; null for any. */
  readonly zones: readonly string[] | null;
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

export function createAsker(fabric: Fabric, directory: Directory, local: Node | null): Asker {
  const standings = createStandings();
  let nLost = 0;
  fabric.onConnection((isConnected) => {
    if (!isConnected) nLost += 1;
  });
  const homesFor = ({ version, zones }: Question): readonly string[] =>
    directory
      .homesOf(version)
      .filter((key) => zones === null || zones.includes(zoneOfKey(key)))
      .filter((key) => key === local?.key || (fabric.isConnected() && directory.isThere(key)))
      .map((key) => ({ key, wait: key === local?.key ? 0 : standings.waitOf(key) }))
      .filter(({ wait }) => Number.isFinite(wait))
      .sort((a, b) => a.wait - b.wait)
      .map(({ key }) => key);

  const askNode = (key: string, question: Question): Promise<Float32Array> => {
    const { expert, version, X, deadlineMs } = question;
    const asked: Asked = { expert, version, term: directory.term() };
    if (key === local?.key) return local.answer(asked, X);
    const longestMs = ATTEMPT_MS + ATTEMPT_MS_PER_ROW * X.nRows;
    const timeoutMs = Math.max(1, Math.min(deadlineMs - nowMs(), longestMs));
    const subject = subjectOfKey(key, `${EXPERT}.${version}`);
    const nLostBefore = nLost;
    const request = async (): Promise<Float32Array> => {
      const answer = await fabric.request(subject, writeAsk(asked, X), timeoutMs);
      return readAnswer(answer, asked, X.nRows);
    };
    // After a lost connection a node may be back on the fabric later than this process.
    const isItsFault = (error: unknown): boolean =>
      fabric.isConnected() && nLost === nLostBefore && !isAbsent(error);
    return standings.observe(key, request, isItsFault);
  };
  return {
    ask: async (question) => {
      const tried = new Set<string>();
      for (;;) {
        const key = homesFor(question).find((home) => !tried.has(home));
        if (key === undefined || nowMs() >= question.deadlineMs) throw unavailable(question, tried);
        tried.add(key);
        try {
          return await askNode(key, question);
        } catch (error) {
          fabric.refusals.count(error);
          if (error instanceof BailiwickError && error.code === "SHAPE_MISMATCH") throw error;
        }
      }
    },
    takeCounts: standings.takeCounts,
  };
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
