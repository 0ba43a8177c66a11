/**
 * Goal: each peer of bench accuracy gets our rows and its answer is known by its name; one that
 * fails is named with the reason and costs no more than its own answer.
 * Method: scripts of ours in place of the peers', one for each way to behave; and the real peers,
 * where they are installed, on a plane that all of them can find.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import {
  type AccuracyPeers,
  askAccuracyPeers,
  startAccuracyPeers,
} from "../../../src/benches/accuracy/peers.ts";
import type { AbsentPeer } from "../../../src/benches/peer-process.ts";
import type { Samples } from "../../../src/experts/index.ts";

const SAMPLES: Samples = {
  X: { values: Float32Array.of(1, 2, 3, 4, 5, 6), nRows: 3, nColumns: 2 },
  y: Float32Array.of(0, 1, -1),
  weights: null,
  groups: ["a", "a", "b"],
};
const UNSEEN = { values: Float32Array.of(7, 8, 9, 10), nRows: 2, nColumns: 2 };
const GREETING = `{ versions: { rf: "1.2" } }`;

const folder = mkdtempSync(join(tmpdir(), "bailiwick-accuracy-peers-"));
afterAll(() => rmSync(folder, { recursive: true }));

const running: AccuracyPeers[] = [];
afterEach(() => {
  for (const peers of running.splice(0)) peers.process.close();
});

/** In JavaScript, for all its name: Node takes an ending that it does not know for its own. */
async function start(greeting: string, answer = "{}"): Promise<AccuracyPeers | AbsentPeer> {
  const script = `
    let isGreeted = false;
    require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
      const question = JSON.parse(line);
      console.log(JSON.stringify(isGreeted ? ${answer} : ${greeting}));
      isGreeted = true;
    });`;
  writeFileSync(join(folder, "accuracy-peers.py"), script);
  const peers = await startAccuracyPeers(process.execPath, folder);
  if ("process" in peers) running.push(peers);
  return peers;
}

async function ask(answer: string, tier: "core" | "all" = "core") {
  const peers = await start(GREETING, answer);
  if ("absent" in peers) throw new Error(peers.absent);
  return askAccuracyPeers(peers, SAMPLES, UNSEEN, { seed: 3, tier });
}

test("peers greet with the versions of their packages", async () => {
  expect(await start(GREETING)).toMatchObject({ versions: { rf: "1.2" } });
});

test("peers that cannot run are absent, with the reason", async () => {
  const name = "accuracy-peers";
  expect(await start(`{ unavailable: "no cubist" }`)).toEqual({ name, absent: "no cubist" });
  expect(await start(`{ hello: 1 }`)).toEqual({ name, absent: expect.stringMatching(/protocol/) });
  expect(await start(`process.exit(3)`)).toEqual({ name, absent: expect.stringMatching(/ended/) });
  const elsewhere = await startAccuracyPeers(process.execPath, "/no/such/folder");
  expect(elsewhere).toEqual({ name, absent: expect.stringMatching(/is not there$/) });
});

test("a question holds the rows, the groups, the seed and the tier", async () => {
  const told = "{ predictions: {}, cpuMs: {}, failed: { question: JSON.stringify(question) } }";
  const { failed } = await ask(told, "all");
  expect(JSON.parse(failed["question"]!)).toEqual({
    X: [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    y: [0, 1, -1],
    groups: ["a", "a", "b"],
    unseen: [
      [7, 8],
      [9, 10],
    ],
    seed: 3,
    tier: "all",
  });
});

test("a peer that fails is named with the reason, and the others answer", async () => {
  const { answers, cpuMs, failed } = await ask(`{
    predictions: { rf: [0.5, -0.25], cubist: [1] },
    cpuMs: { rf: 12, cubist: 4, svr: 7 },
    failed: { svr: "ValueError: singular" },
  }`);
  expect([...answers]).toEqual([["rf", Float64Array.of(0.5, -0.25)]]);
  expect(cpuMs).toEqual({ rf: 12, cubist: 4, svr: 7 });
  expect(failed).toEqual({
    svr: "ValueError: singular",
    cubist: "it must say 2 values, not 1",
  });
});

test("an answer that is none is an error of the process", async () => {
  const failure = { code: "WORKER_FAILED" };
  await expect(ask(`{ predictions: { rf: ["high"] } }`)).rejects.toMatchObject(failure);
  await expect(ask("process.exit(1)")).rejects.toMatchObject(failure);
});

test("every real peer that is here finds a plane", async () => {
  const peers = await startAccuracyPeers(process.env["BAILIWICK_PYTHON"] ?? "python3");
  if ("absent" in peers) return expect(peers.absent).not.toBe("");
  running.push(peers);
  const nRows = 60;
  const values = Float32Array.from({ length: 2 * nRows }, (_, i) => Math.sin(i * i));
  const y = Float32Array.from({ length: nRows }, (_, i) => values[2 * i]! - values[2 * i + 1]!);
  const X = { values, nRows, nColumns: 2 };
  const samples = { X, y, weights: null, groups: null };
  const { answers, cpuMs, failed } = await askAccuracyPeers(peers, samples, X, {
    seed: 2 ** 31 - 1,
    tier: "core",
  });
  expect(failed).toEqual({});
  expect([...answers.keys()]).toEqual(["rf", "histgb", "xgboost", "lightgbm"]);
  expect(Object.keys(cpuMs)).toEqual([...answers.keys()]);
  for (const said of answers.values()) {
    const error = said.reduce((sum, value, i) => sum + (value - y[i]!) ** 2, 0) / nRows;
    expect(error).toBeLessThan(0.5);
  }
}, 120_000);
