/**
 * Gathers what a prediction asks of experts elsewhere into one request: rows once, many experts.
 *
 * All experts of a prediction are asked in one turn of the event loop, so a request is sent at the
 * turn's end.
 */
import type { RowsOf } from "../../mixture/index.ts";
import { type Matrix, takeRows } from "../../shared/matrix.ts";
import type { ExpertRows } from "./wire.ts";

/** Sends one request. Answers in the order of `asked`, whose rows are numbers of rows of X. */
export type SendAsk = (X: Matrix, asked: readonly ExpertRows[]) => Promise<readonly Float32Array[]>;

interface Waiting extends ExpertRows {
  resolve(answer: Float32Array): void;
  reject(error: unknown): void;
}

interface Group {
  readonly X: Matrix;
  readonly waiting: Map<string, Waiting>;
}

export function createAsks(send: SendAsk): (hash: string, rows: RowsOf) => Promise<Float32Array> {
  let groups: Group[] = [];
  const flush = (): void => {
    const ready = groups;
    groups = [];
    for (const group of ready) void sendGroup(send, group);
  };
  return (hash, { X, rows }) =>
    new Promise((resolve, reject) => {
      if (groups.length === 0) queueMicrotask(flush);
      // Members may share an expert, which a request names once.
      let group = groups.find((one) => one.X === X && !one.waiting.has(hash));
      if (group === undefined) {
        group = { X, waiting: new Map() };
        groups.push(group);
      }
      group.waiting.set(hash, { hash, rows, resolve, reject });
    });
}

async function sendGroup(send: SendAsk, { X, waiting }: Group): Promise<void> {
  const all = [...waiting.values()];
  const used = [...new Set(all.flatMap(({ rows }) => [...rows]))].sort((a, b) => a - b);
  const place = new Map(used.map((i, r) => [i, r]));
  const asked = all.map(({ hash, rows }) => ({ hash, rows: rows.map((i) => place.get(i)!) }));
  try {
    const answers = await send(used.length === X.nRows ? X : takeRows(X, used), asked);
    all.forEach(({ resolve }, k) => {
      resolve(answers[k]!);
    });
  } catch (error) {
    for (const { reject } of all) reject(error);
  }
}
