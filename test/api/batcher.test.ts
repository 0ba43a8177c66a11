/** Goal: however rows are gathered or cut, each gets its own answer; and the queue has an end. */
import { describe, expect, test } from "vitest";
import { joinAnswers, partOf, type RoutedPrediction } from "../../src/api/answer.ts";
import { createBatcher } from "../../src/api/batcher.ts";
import type { Matrix } from "../../src/shared/matrix.ts";

const LIMITS = { batchRows: 64, batchWaitMs: 0, maxQueuedRows: 20_000 };

/** Answers each row with twice its value, and notes how many came at once. */
function doubling() {
  const calls: number[] = [];
  const predict = ({ values, nRows }: Matrix): RoutedPrediction => {
    calls.push(nRows);
    const scores = Float64Array.from({ length: 2 * nRows }, (_, i) => values[i >> 1]! + (i % 2));
    const experts = Int32Array.from(values, (value) => value % 2);
    return {
      values: Float64Array.from(values, (value) => 2 * value),
      routes: [{ nExperts: 2, scores, experts }],
      degraded: false,
    };
  };
  return { calls, predict };
}

/** Rows from `start` on. */
function rows(start: number, nRows: number): Matrix {
  return { values: Float32Array.from({ length: nRows }, (_, i) => start + i), nRows, nColumns: 1 };
}

describe("small requests", () => {
  test("of one moment are predicted together, each gets its part", async () => {
    const { calls, predict } = doubling();
    const batcher = createBatcher(predict, { rows: 0 }, LIMITS);
    const answers = await Promise.all([0, 10, 20].map((start) => batcher.predict(rows(start, 2))));
    expect(calls).toEqual([6]);
    expect(answers.map(({ values }) => [...values])).toEqual([
      [0, 2],
      [20, 22],
      [40, 42],
    ]);
    expect([...answers[1]!.routes[0]!.scores]).toEqual([10, 11, 11, 12]);
    expect([...answers[2]!.routes[0]!.experts]).toEqual([0, 1]);
  });

  test("are predicted at once when the batch is full", async () => {
    const { calls, predict } = doubling();
    const batcher = createBatcher(predict, { rows: 0 }, { ...LIMITS, batchWaitMs: 60_000 });
    await Promise.all([0, 1, 2, 3].map((start) => batcher.predict(rows(start, 16))));
    expect(calls).toEqual([64]);
  });

  test("wait no longer than they are told to, or until they are flushed", async () => {
    const { calls, predict } = doubling();
    const waiting = createBatcher(predict, { rows: 0 }, { ...LIMITS, batchWaitMs: 20 });
    await Promise.all([waiting.predict(rows(0, 1)), waiting.predict(rows(1, 1))]);
    const patient = createBatcher(predict, { rows: 0 }, { ...LIMITS, batchWaitMs: 60_000 });
    const answer = patient.predict(rows(0, 1));
    patient.flush();
    await answer;
    expect(calls).toEqual([2, 1]);
  });

  test("fail together if the prediction fails, and only they", async () => {
    let fails = true;
    const { predict } = doubling();
    const queue = { rows: 0 };
    const batcher = createBatcher(
      (X) => {
        if (fails) throw new Error("no");
        return predict(X);
      },
      queue,
      LIMITS,
    );
    const outcomes = await Promise.allSettled(
      [0, 1].map((start) => batcher.predict(rows(start, 1))),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    fails = false;
    expect((await batcher.predict(rows(3, 1))).values[0]).toBe(6);
    expect(queue.rows).toBe(0);
  });
});

test("large requests are predicted in slices, and others have their turn between them", async () => {
  const { calls, predict } = doubling();
  const batcher = createBatcher(predict, { rows: 0 }, LIMITS);
  const large = batcher.predict(rows(0, 10_000));
  const small = batcher.predict(rows(5, 1));
  expect((await Promise.race([large, small])).values).toHaveLength(1);
  const { values, routes } = await large;
  expect(values).toEqual(predict(rows(0, 10_000)).values);
  expect(routes).toEqual(predict(rows(0, 10_000)).routes);
  expect(calls.filter((nRows) => nRows > 1).slice(0, 3)).toEqual([4096, 4096, 1808]);
  expect(calls.indexOf(1)).toBeLessThan(3);
});

test("more rows than may wait are a 503 with when to come again", async () => {
  const queue = { rows: 0 };
  const batcher = createBatcher(doubling().predict, queue, LIMITS);
  const first = batcher.predict(rows(0, 15_000));
  await expect(batcher.predict(rows(0, 6000))).rejects.toMatchObject({
    status: 503,
    retryAfterS: 1,
  });
  await first;
  expect(queue.rows).toBe(0);
  expect((await batcher.predict(rows(0, 6000))).values).toHaveLength(6000);
});

test("parts joined are the whole", () => {
  const whole = doubling().predict(rows(0, 9));
  expect(joinAnswers([partOf(whole, 0, 4), partOf(whole, 4, 4), partOf(whole, 4, 9)])).toEqual(
    whole,
  );
});
