/**
 * Goal: what bench agent says is what was measured.
 * Method: figures from made-up measurements, worked by hand; the bench itself runs in the system
 * tests.
 */
import { expect, test } from "vitest";
import {
  type AgentMeasurements,
  agentFigures,
  worstStart,
} from "../../../src/benches/agent/figures.ts";

const MEASURED: AgentMeasurements = {
  sizes: { agent: 36_864, ort: 3_686_400 },
  same: { nRows: 100_000, same: 99_999, nExperts: 6 },
  races: [
    { nRows: 64, rounds: [1, 2, 3].map((k) => ({ ours: 60 * k, theirs: 10 })) },
    { nRows: 1024, rounds: [{ ours: 30, theirs: 10 }] },
  ],
  leaks: { nRows: 10_000, found: 2, requests: 9, posts: 1, control: 200 },
  first: {
    link: { bitsPerSecond: 1_600_000, roundTripMs: 150 },
    ours: [1000, 4000, 2000],
    theirs: [20_000],
  },
  update: { bytes: 1300, requests: 2, lacking: 1000 },
};

test("figures are the measured ones, each held against its bound", () => {
  const facts = agentFigures(MEASURED).map(({ name, value, must, ok }) => [name, value, must, ok]);
  expect(facts).toEqual([
    ["agent.first-load-kb", 36, "<= 36", true],
    ["agent.first-load-vs-ort-web", 0.01, "<= 0.01", true],
    ["agent.same-bits", 99_999, ">= 100000", false],
    ["agent.vs-ort-web.64", 12, ">= 5", true],
    ["agent.vs-ort-web.1024", 3, ">= 4", false],
    ["agent.first-answer-ms", 2000, "<= 2500", true],
    ["agent.first-answer-vs-ort-web", 0.1, "<= 0.1", true],
    ["agent.update-bytes", 1.3, "<= 1.2", false],
    ["agent.local-leaks", 3, "<= 0", false],
  ]);
  expect(worstStart(MEASURED)).toBe(4000);
});

test("without a browser each figure says so", () => {
  const figures = agentFigures({ name: "agent-page", absent: "one of chromium must be there" });
  expect(figures).toHaveLength(9);
  for (const { value, ok, how } of figures) {
    expect([value, ok]).toEqual([null, null]);
    expect(how).toBe("not measured: one of chromium must be there");
  }
});
