/**
 * One expert asked, wherever it is: the best of its homes first, the next if that does not answer.
 *
 * A node that failed is left alone for a moment, longer each time: with another home the rows go
 * there, without one the caller hears at once that the expert cannot answer.
 */

import { nowMs } from "../../shared/clock.ts";
import { BailiwickError } from "../../shared/errors.ts";
import type { Matrix } from "../../shared/matrix.ts";
import type { Fabric } from "../fabric/index.ts";
import { subjectOfKey, zoneOfKey } from "../fabric/index.ts";
import { type Asked, EXPERT, type Node, readAnswer, writeAsk } from "../nodes/index.ts";
import type { Table } from "./table.ts";

export interface Question {
  readonly expert: string;
  readonly version: string;
  readonly X: Matrix;
  /** Zones that the rows may be in; null for any. */
  readonly zones: readonly string[] | null;
  /** By this process' clock. */
  readonly deadlineMs: number;
}

/** What was seen of a node since it was last told. */
export interface NodeCounts {
  nAnswers: number;
  sumMs: number;
  nFailures: number;
}

export interface Asker {
  /** @throws EXPERT_UNAVAILABLE if no home answers in time. */
  ask(question: Question): Promise<Float32Array>;
  /** Since the last call. */
  takeCounts(): ReadonlyMap<string, NodeCounts>;
}

interface Standing {
  outstanding: number;
  meanMs: number;
  failures: number;
  restUntilMs: number;
}

/** An attempt is given this, and a little more for each row. */
const ATTEMPT_MS = 250;
const ATTEMPT_MS_PER_ROW = 0.05;
const FIRST_REST_MS = 250;
const LAST_REST_MS = 4000;
const MEAN_SHARE = 0.1;

export function createAsker(fabric: Fabric, table: Table, local: Node | null): Asker {
  const standings = new Map<string, Standing>();
  let counts = new Map<string, NodeCounts>();
  const standingOf = (key: string): Standing => {
    const known = standings.get(key) ?? { outstanding: 0, meanMs: 1, failures: 0, restUntilMs: 0 };
    standings.set(key, known);
    return known;
  };
  const countOf = (key: string): NodeCounts => {
    const known = counts.get(key) ?? { nAnswers: 0, sumMs: 0, nFailures: 0 };
    counts.set(key, known);
    return known;
  };
  /** What it would take there now; infinite while the node is left alone. */
  const waitOf = (key: string): number => {
    if (key === local?.key) return 0;
    const { outstanding, meanMs, restUntilMs } = standingOf(key);
    return restUntilMs > nowMs() ? Number.POSITIVE_INFINITY : (outstanding + 1) * meanMs;
  };
  const homesFor = ({ version, zones }: Question): readonly string[] =>
    table
      .homesOf(version)
      .filter((key) => zones === null || zones.includes(zoneOfKey(key)))
      .filter((key) => key === local?.key || (fabric.isConnected() && table.isThere(key)))
      .map((key) => ({ key, wait: waitOf(key) }))
      .filter(({ wait }) => Number.isFinite(wait))
      .sort((a, b) => a.wait - b.wait)
      .map(({ key }) => key);

  const askNode = async (key: string, question: Question): Promise<Float32Array> => {
    const { expert, version, X, deadlineMs } = question;
    const asked: Asked = { expert, version, term: table.term() };
    if (key === local?.key) return local.answer(asked, X);
    const started = nowMs();
    const timeoutMs = Math.max(
      1,
      Math.min(deadlineMs - started, ATTEMPT_MS + ATTEMPT_MS_PER_ROW * X.nRows),
    );
    const standing = standingOf(key);
    standing.outstanding += 1;
    try {
      const subject = subjectOfKey(key, `${EXPERT}.${version}`);
      const answer = await fabric.request(subject, writeAsk(asked, X), timeoutMs);
      const values = readAnswer(answer, asked, X.nRows);
      const ms = nowMs() - started;
      standing.meanMs += MEAN_SHARE * (ms - standing.meanMs);
      standing.failures = 0;
      const count = countOf(key);
      count.nAnswers += 1;
      count.sumMs += ms;
      return values;
    } catch (error) {
      standing.failures += 1;
      const rest = Math.min(LAST_REST_MS, FIRST_REST_MS * 2 ** (standing.failures - 1));
      standing.restUntilMs = nowMs() + rest;
      countOf(key).nFailures += 1;
      throw error;
    } finally {
      standing.outstanding -= 1;
    }
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
          if (error instanceof BailiwickError && error.code === "SHAPE_MISMATCH") throw error;
        }
      }
    },
    takeCounts: () => {
      const taken = counts;
      counts = new Map();
      return taken;
    },
  };
}

function unavailable({ expert }: Question, tried: ReadonlySet<string>): BailiwickError {
  const names = [...tried].join(", ") || "no node that holds it is there";
  const message = `expert ${expert} must answer, tried: ${names}`;
  return new BailiwickError("EXPERT_UNAVAILABLE", message, { expert });
}
