/**
 * Goal: what bench serving says is what was measured.
 * Method: figures from made-up measurements, worked by hand; races, rows, soak and fuzz themselves
 * run in the system tests and check their answers.
 */
import { expect, test } from "vitest";
import { type ServingMeasurements, servingFigures } from "../../../src/benches/serving/figures.ts";
import { memoryGrowth } from "../../../src/benches/serving/soak.ts";

const timing = (cpuMs: number) => ({ name: "t", cpuMs, rounds: [cpuMs], mse: null });
const load = (perSecond: number) => ({
  answers: 1,
  perSecond,
  failed: 0,
  mixed: 0,
  versions: [],
  p50Ms: 1,
  p99Ms: 2,
  packages: {},
});
const race = (name: string, ratio: number) => ({
  name,
  ratio,
  ours: [load(ratio * 100)],
  echo: [load(100)],
});

const MEASURED: ServingMeasurements = {
  races: [race("binary-smooth", 0.4), race("binary-hard", 0.4), race("json", 0.9)],
  rows: {
    row: { hard: timing(0.002), smooth: timing(0.011) },
    batch: { hard: timing(0.1), smooth: timing(0.2) },
    onnx: { hard: timing(0.3), smooth: timing(0.3), runtime: "web" },
  },
  soak: {
    seconds: 8,
    answers: 100,
    failed: 1,
    mixed: 2,
    versions: ["1", "2"],
    memoryBytes: [500, 500, 100, 100, 7, 7, 105, 105],
  },
  fuzz: {
    requests: 10,
    byStatus: { 200: 5, 400: 5 },
    nUnhandled: 0,
    unhandled: [],
    good: { sent: 3, failed: 1, slowestMs: 2 },
    exitCode: 0,
  },
};

const facts = (measured: ServingMeasurements) =>
  servingFigures(measured).map(({ name, value, must, ok }) => [name, value, must, ok]);

test("figures are the measured ones, each held against its bound", () => {
  expect(facts(MEASURED)).toEqual([
    ["serving.binary-smooth-vs-echo", 0.4, ">= 0.3", true],
    ["serving.binary-hard-vs-echo", 0.4, ">= 0.45", false],
    ["serving.json-vs-echo", 0.9, ">= 0.7", true],
    ["serving.row-us", 2, "<= 5", true],
    ["serving.row-us.smooth", 11, "<= 10", false],
    ["serving.vs-onnxruntime", expect.closeTo(1.5, 12), ">= 1", true],
    ["serving.soak.failed", 3, "<= 0", false],
    ["serving.soak.memory-growth", 1.05, "<= 1.1", true],
    ["serving.fuzz.unhandled", 1, "<= 0", false],
  ]);
});

test("what was not measured has no value and says why", () => {
  const absent = { name: "load.mjs", absent: "the script load.mjs is not there" };
  const rows = { ...MEASURED.rows, onnx: absent };
  const figures = servingFigures({ races: absent, rows, soak: absent, fuzz: absent });
  const empty = figures.filter(({ value }) => value === null);
  expect(empty).toHaveLength(7);
  for (const { ok, how } of empty) {
    expect(ok).toBeNull();
    expect(how).toBe("not measured: the script load.mjs is not there");
  }
});

test("memory growth is of medians of the last and the second quarter", () => {
  expect(memoryGrowth({ memoryBytes: [9, 9, 9, 2, 4, 3, 1, 1, 1, 6, 5, 90] })).toBe(2);
});
