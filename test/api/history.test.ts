/**
 * Goal: a server's traffic of the latest ten minutes is what was answered in each ten seconds of it.
 * Method: answers at chosen moments, and the lists at later ones.
 */
import { expect, test } from "vitest";
import { createHistory, historyFacts, recordAnswer } from "../../src/api/history.ts";

const START_MS = 1_000_000;

test("answers of one step are counted together, the present step is the last", () => {
  const history = createHistory();
  recordAnswer(history, 3, 10, START_MS);
  recordAnswer(history, 5, 30, START_MS + 9000);
  recordAnswer(history, 7, 2, START_MS + 21_000);
  const { stepS, rows, meanMs, slowestMs } = historyFacts(history, START_MS + 21_000);
  expect([stepS, rows.length]).toEqual([10, 60]);
  expect(rows.slice(-3)).toEqual([8, 0, 7]);
  expect(meanMs.slice(-3)).toEqual([20, null, 2]);
  expect(slowestMs.slice(-3)).toEqual([30, null, 2]);
  expect(rows.slice(0, -3).every((n) => n === 0)).toBe(true);
});

test("what is older than ten minutes is gone, also after a long pause", () => {
  const history = createHistory();
  recordAnswer(history, 4, 1, START_MS);
  expect(historyFacts(history, START_MS + 590_000).rows[0]).toBe(4);
  recordAnswer(history, 6, 1, START_MS + 600_000);
  expect(historyFacts(history, START_MS + 600_000).rows.reduce((sum, n) => sum + n)).toBe(6);
  expect(historyFacts(history, START_MS + 90_000_000).rows.every((n) => n === 0)).toBe(true);
});
