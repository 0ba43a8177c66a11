/** What comes over a fabric may be anything: messages that are none are told from those that are. */
import { describe, expect, test } from "vitest";
import { clusterFigures } from "../../../src/benches/fabric/cluster-figures.ts";
import { summariseLoad, wholeAfterMs } from "../../../src/benches/fabric/cluster-load.ts";
import { memorySize, pin } from "../../../src/cli/fabric-options.ts";
import { checkName } from "../../../src/cluster/fabric/index.ts";
import { checkedAnswer, errorMessage } from "../../../src/cluster/fabric/remote-error.ts";
import { takes } from "../../../src/cluster/fabric/subjects.ts";
import { readAnswer, readAsk, writeAnswer, writeAsk } from "../../../src/cluster/nodes/ask.ts";
import { encode, parseCommand, parseDone } from "../../../src/cluster/nodes/command.ts";
import { checkProtocol, parseAnnouncement } from "../../../src/cluster/nodes/profile.ts";
import { modelKey, parseHomes, parseModel } from "../../../src/cluster/router/index.ts";
import {
  decodeTask,
  decodeTrained,
  encodeTask,
  encodeTrained,
} from "../../../src/cluster/training/wire.ts";
import { BailiwickError } from "../../../src/shared/errors.ts";
import { specialistLike } from "../training/task.ts";

const bytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));

const NONSENSE = ["", "{", "null", "[]", "1", '"x"', "{}"];
const HASH = "ab".repeat(32);

describe("announcements", () => {
  const told = {
    protocol: 1,
    packageVersion: "1",
    incarnation: "x",
    zone: "z",
    name: "n",
    flopsPerSecond: 1e9,
    memoryBytes: 1e6,
    usedBytes: 0,
    hasGpu: false,
    watts: 0,
    held: [],
    rows: 0,
    busy: 0,
    trains: true,
  };
  test("come back", () => expect(parseAnnouncement(bytes(told))).toEqual(told));
  test.each([
    ...NONSENSE,
    { ...told, memoryBytes: -1 },
    { ...told, memoryBytes: 0 },
    { ...told, flopsPerSecond: 0 },
    { ...told, busy: null },
    { ...told, zone: 3 },
    { ...told, name: undefined },
  ])("%j is none", (value) => expect(parseAnnouncement(bytes(value))).toBeNull());
  test("another protocol is refused", () => {
    expect(() => checkProtocol(1)).not.toThrow();
    expect(() => checkProtocol(2)).toThrow(/must speak protocol 1 .* got 2/);
  });
});

describe("commands", () => {
  const command = { term: 3, action: "load", experts: [HASH] } as const;
  test("come back", () => expect(parseCommand(encode(command))).toEqual(command));
  test.each([
    ...NONSENSE,
    { ...command, term: 1.5 },
    { ...command, action: "burn" },
    { ...command, experts: HASH },
    { ...command, experts: ["../x"] },
    { ...command, experts: [1] },
  ])("%j is none", (value) => expect(() => parseCommand(bytes(value))).toThrow(/must have a term/));
  test("what was done comes back, nonsense does not", () => {
    const done = { bytes: [1], usedBytes: 2, incarnation: "x" };
    expect(parseDone(encode(done))).toEqual(done);
    for (const value of [...NONSENSE, { ...done, bytes: 1 }]) {
      expect(parseDone(bytes(value))).toBeNull();
    }
  });
});

describe("rows and answers", () => {
  const asked = { expert: "m0.e1", version: HASH, term: 2 };
  const X = { values: Float32Array.of(1, 2, 3, 4), nRows: 2, nColumns: 2 };
  test("come back wherever they start in a buffer", () => {
    const message = writeAsk(asked, X);
    const shifted = new Uint8Array(message.body.length + 1);
    shifted.set(message.body, 1);
    expect(readAsk({ ...message, body: shifted.subarray(1) })).toEqual({ asked, X });
    const answer = writeAnswer(asked, Float32Array.of(5, 6));
    expect([...readAnswer(answer, asked, 2)]).toEqual([5, 6]);
  });
  test.each([
    [{ columns: "3" }, 16],
    [{ columns: "0" }, 16],
    [{}, 16],
    [{ columns: "2" }, 15],
  ])("%j and %i bytes are no rows", (headers, n) => {
    expect(() =>
      readAsk({ headers: headers as Record<string, string>, body: new Uint8Array(n) }),
    ).toThrow(/must hold rows/);
  });
  test("another's answer is refused", () => {
    const right = writeAnswer(asked, Float32Array.of(5, 6));
    for (const headers of [{ ...right.headers, expert: "m0.e0" }, { expert: "m0.e1" }, {}]) {
      const wrong = { ...right, headers: headers as Record<string, string> };
      expect(() => readAnswer(wrong, asked, 2)).toThrow(/must be of m0.e1/);
    }
    expect(() => readAnswer(right, asked, 3)).toThrow(/for 3 rows/);
  });
});

test("homes and models come back, nonsense does not", () => {
  const homes = { term: 2, homes: { [HASH]: ["z.a"] }, streamed: [] };
  expect(parseHomes(bytes(homes))).toEqual(homes);
  const record = { name: "m", experts: [{ hash: HASH, bytes: 1 }], replicas: 1, zoneLists: [] };
  expect(parseModel(bytes(record))).toEqual(record);
  for (const value of [...NONSENSE, { ...homes, term: "x" }, { ...homes, homes: { a: [1] } }]) {
    expect(parseHomes(bytes(value))).toBeNull();
  }
  const experts = [{ hash: "x", bytes: 1 }];
  for (const value of [...NONSENSE, { ...record, experts }, { ...record, replicas: 0.5 }]) {
    expect(parseModel(bytes(value))).toBeNull();
  }
  expect(modelKey("a model, with: anything")).toMatch(/^[A-Za-z0-9_-]+$/);
});

test("errors cross with their code, bugs without their words", () => {
  const known = errorMessage(new BailiwickError("TERM_STALE", "términ\nx"));
  expect(() => checkedAnswer(known)).toThrow(/t\?rmin\?x/);
  expect(() => checkedAnswer(errorMessage(new Error("secret")))).toThrow(/failed to answer/);
  const odd = { headers: { "error-code": "NO_SUCH" }, body: new Uint8Array(0) };
  expect(() => checkedAnswer(odd)).toThrow(/no reason/);
  const fine = { headers: { a: "b" }, body: new Uint8Array(1) };
  expect(checkedAnswer(fine)).toBe(fine);
});

test.each([
  ["a.b", "a.b", true],
  ["a.*", "a.b", true],
  ["a.>", "a.b.c", true],
  [">", "a", true],
  ["a.*", "a.b.c", false],
  ["a.b", "a", false],
  ["a", "a.b", false],
  ["a.>", "a", false],
])("%s takes %s: %s", (subscription, subject, is) => {
  expect(takes(subscription, subject)).toBe(is);
});

test("options of a fabric as a person writes them", () => {
  expect([memorySize("512MB"), memorySize("1.5 gb"), memorySize("10B")]).toEqual([
    512e6, 1.5e9, 10,
  ]);
  for (const text of ["", "512", "MB", "-1MB", "0B", "1TB"])
    expect(() => memorySize(text)).toThrow(/512MB/);
  const pins = pin("b=x,y", pin("a=eu", new Map()));
  expect([...pins]).toEqual([
    ["a", ["eu"]],
    ["b", ["x", "y"]],
  ]);
  for (const text of ["", "a", "=eu", "a=", "a=e u"])
    expect(() => pin(text, pins)).toThrow(/class=zone/);
  expect(checkName("a zone", "eu-1_a")).toBe("eu-1_a");
  for (const name of ["", "a.b", "a b", "*", "x".repeat(65)])
    expect(() => checkName("a zone", name)).toThrow(/letters/);
});

test("training tasks and nets come back; cut ones are refused", () => {
  const { task } = specialistLike();
  const moments = { first: task.net.parameters, second: task.net.parameters, step: 7 };
  const refs = { X: { id: 1, nColumns: 3 }, targets: { id: 2, nColumns: 1 } };
  for (const own of [task, { ...task, weights: null }, { ...task, moments }]) {
    const encoded = encodeTask(own, refs);
    const { head, parameters, rows, weights, first } = decodeTask(encoded);
    expect(head).toMatchObject({ ...refs, loss: task.loss, options: task.options });
    expect([...parameters]).toEqual([...task.net.parameters]);
    expect([...rows]).toEqual([...task.rows]);
    expect(weights.length).toBe(own.weights === null ? 0 : task.rows.length);
    expect(first.length).toBe("moments" in own ? parameters.length : 0);
    expect(() => decodeTask(encoded.subarray(0, encoded.length - 4))).toThrow(/at least/);
  }
  expect(() => decodeTask(new Uint8Array(2))).toThrow(/at least/);
  const trained = { net: task.net, moments };
  expect(decodeTrained(encodeTrained(trained), task)).toEqual(trained);
});

test("a load is summed up, and what a bench claims of it", () => {
  const at = (endMs: number, outcome: "right" | "degraded" | "wrong" | "failed") => ({
    startMs: 0,
    endMs,
    outcome,
  });
  const answered = [
    at(1, "right"),
    at(3, "degraded"),
    at(4, "right"),
    at(9, "failed"),
    at(10, "wrong"),
    at(12, "right"),
  ];
  const load = summariseLoad(answered);
  expect(load).toEqual({
    nRequests: 6,
    nRight: 3,
    nDegraded: 1,
    nWrong: 1,
    nFailed: 1,
    longestGapMs: 8,
  });
  expect([wholeAfterMs(answered, 2), wholeAfterMs(answered, 11)]).toEqual([8, 0]);
  expect(summariseLoad([]).longestGapMs).toBe(Number.POSITIVE_INFINITY);
  const moved = {
    rowBytes: 1,
    taskBytes: 1,
    resultBytes: 1,
    reshuffledRowBytes: 9,
    nTasks: 1,
    nRedelivered: 0,
  };
  const measured = {
    throughput: [{ ours: 1, echo: 2 }],
    killReplica: { ...load, nFailed: 0, nDegraded: 0, nWrong: 0 },
    killSingle: { ...load, wholeMs: 100 },
    serverRestart: { local: load, remote: load, wholeMs: 100, nAcknowledged: 1, nLost: 0 },
    trainKill: { nRuns: 10, nIdentical: 10, nFinished: 10, nKills: 10 },
    shards: { ...moved, ratio: 0.3 },
    privacy: {
      nRequests: 1,
      nPinned: 1,
      nRefused: 0,
      nFailed: 0,
      nSeenInside: 0,
      nSeenOutside: 0,
      nKills: 1,
    },
    calibration: [{ hidden: 1, batchRows: 1, load: 0, predictedMs: 1, measuredMs: 2, error: 0.5 }],
  };
  const ok = Object.fromEntries(clusterFigures(measured).map((figure) => [figure.name, figure.ok]));
  expect(ok).toEqual({
    "fabric.throughput-vs-echo": true,
    "fabric.kill-replica.failed": true,
    "fabric.kill-replica.gap-ms": true,
    // An answer was wrong, a local row was not served, the listener saw nothing at all.
    "fabric.kill-single.whole-ms": false,
    "fabric.server-restart.whole-ms": false,
    "fabric.train-kill.identical": true,
    "fabric.shard-bytes-ratio": true,
    "fabric.zone-leaks": false,
    "fabric.simulation-error": false,
  });
  expect(clusterFigures(null).every(({ value, ok: own }) => value === null && own === null)).toBe(
    true,
  );
});
