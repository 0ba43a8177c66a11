/** What nodes announce, are told and answer: messages that fit, and refusals of those that do not. */
import { describe, expect, test } from "vitest";
import { checkProtocol, parseAnnouncement } from "../../../src/cluster/nodes/announcement.ts";
import { readAnswer, readAsk, writeAnswer, writeAsk } from "../../../src/cluster/nodes/ask.ts";
import { parseCommand, parseCommandResult } from "../../../src/cluster/nodes/command.ts";
import { bytesOf, describeMessage, HASH } from "../nonsense.ts";

const announcement = {
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
  place: "hall 3",
  held: [],
  rows: 0,
  busy: 0,
  trains: true,
  leaving: false,
  term: 3,
  refused: 0,
  seal: null,
};

describeMessage({
  what: "an announcement",
  parse: parseAnnouncement,
  valid: announcement,
  unfit: [
    { memoryBytes: -1 },
    { memoryBytes: 0 },
    { flopsPerSecond: 0 },
    { flopsPerSecond: "1e9" },
    { busy: null },
    { rows: -1 },
    { zone: 3 },
    { zone: "a.b" },
    { name: undefined },
    { watts: undefined },
    { trains: "yes" },
    { held: "x" },
    { held: [1] },
    { term: -1 },
    { term: 1.5 },
    { place: 3 },
    { place: "x".repeat(201) },
    { seal: { note: "x" } },
    { seal: { note: 3, epoch: "0".repeat(32) } },
    { seal: { note: "x", epoch: "now" } },
  ],
});

test("an announcement of a node that knows no terms has term 0", () => {
  const { term: _, refused: _r, seal: _s, place: _p, ...older } = announcement;
  expect(parseAnnouncement(bytesOf(older))).toEqual({ ...announcement, term: 0, place: "" });
});

test("another protocol is refused", () => {
  expect(() => checkProtocol(1)).not.toThrow();
  expect(() => checkProtocol(2)).toThrow(/must speak protocol 1 .* got 2/);
});

describeMessage({
  what: "a command",
  parse: parseCommand,
  valid: { term: 3, action: "load", experts: [HASH] },
  unfit: [
    { term: 1.5 },
    { term: -1 },
    { term: "3" },
    { term: 2 ** 60 },
    { action: "burn" },
    { experts: HASH },
    { experts: ["../x"] },
    { experts: [HASH.toUpperCase()] },
    { experts: [1] },
  ],
});

describeMessage({
  what: "a command's result",
  parse: parseCommandResult,
  valid: { bytes: [1], usedBytes: 2, incarnation: "x" },
  unfit: [{ bytes: 1 }, { bytes: ["1"] }, { bytes: [-1] }, { usedBytes: null }, { incarnation: 1 }],
});

describe("rows and answers", () => {
  const asked = { expert: "m0.e1", version: HASH, term: 2 };
  const X = { values: Float32Array.of(1, 2, 3, 4), nRows: 2, nColumns: 2 };
  const request = writeAsk(asked, X);

  test("come back from every offset in a buffer", () => {
    const shifted = new Uint8Array(request.body.length + 1);
    shifted.set(request.body, 1);
    expect(readAsk({ ...request, body: shifted.subarray(1) })).toEqual({ asked, X });
    const answer = writeAnswer(asked, Float32Array.of(5, 6));
    expect([...readAnswer(answer, asked, 2)]).toEqual([5, 6]);
  });

  test.each<[Record<string, string>, number]>([
    [{ columns: "3" }, 16],
    [{ columns: "0" }, 16],
    [{ columns: "" }, 16],
    [{ columns: "-2" }, 16],
    [{ columns: "2e0" }, 16],
    [{ columns: "2" }, 15],
    [{ version: "x" }, 16],
    [{ term: "NaN" }, 16],
    [{ expert: "" }, 16],
  ])("with %j, %i bytes are no rows for an expert", (headers, n) => {
    const message = { headers: { ...request.headers, ...headers }, body: new Uint8Array(n) };
    expect(() => readAsk(message)).toThrow(/a prediction request must fit its schema/);
  });

  test("rows without headers are of no protocol", () => {
    expect(() => readAsk({ headers: {}, body: request.body })).toThrow(/must speak protocol 1/);
  });

  test("the answer of another expert, another version or for other rows is refused", () => {
    const right = writeAnswer(asked, Float32Array.of(5, 6));
    for (const headers of [{ expert: "m0.e0" }, { version: "cd".repeat(32) }]) {
      const wrong = { ...right, headers: { ...right.headers, ...headers } };
      expect(() => readAnswer(wrong, asked, 2)).toThrow(/must be of m0.e1/);
    }
    expect(() => readAnswer(right, asked, 3)).toThrow(/for 3 rows/);
    expect(() => readAnswer({ ...right, headers: {} }, asked, 2)).toThrow(/an expert's answer/);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "an answer with %s is no answer",
    (value) => {
      const answer = writeAnswer(asked, Float32Array.of(5, value));
      expect(() => readAnswer(answer, asked, 2)).toThrow(
        "an expert's answer must fit its schema, row 1 must be a finite number",
      );
    },
  );
});
