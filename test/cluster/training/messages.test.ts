/** Training tasks, nets and jobs as bytes: those that fit come back, all others are refused by name. */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  parseJob,
  parseRows,
  parseRunRequest,
} from "../../../src/cluster/training/run-messages.ts";
import {
  decodeTask,
  decodeTrained,
  encodeTask,
  encodeTrained,
} from "../../../src/cluster/training/wire.ts";
import { describeMessage } from "../nonsense.ts";
import { specialistLike } from "./task.ts";

const { task } = specialistLike();
const moments = { first: task.net.parameters, second: task.net.parameters, step: 7 };
const refs = { X: { id: 1, nColumns: 3 }, targets: { id: 2, nColumns: 1 } };
const refusal = (what: string) =>
  expect.objectContaining({ code: "MESSAGE_INVALID", details: { what } });

test.each([
  ["with weights", task],
  ["without weights", { ...task, weights: null }],
  ["with moments", { ...task, moments }],
])("a task %s comes back", (_, own) => {
  const { head, parameters, rows, weights, first } = decodeTask(encodeTask(own, refs));
  expect(head).toMatchObject({ ...refs, loss: task.loss, options: task.options });
  expect([...parameters]).toEqual([...task.net.parameters]);
  expect([...rows]).toEqual([...task.rows]);
  expect(weights.length).toBe(own.weights === null ? 0 : task.rows.length);
  expect(first.length).toBe("moments" in own ? parameters.length : 0);
});

test("a task that is cut, longer, or of another version is refused", () => {
  const bytes = encodeTask(task, refs);
  const longer = new Uint8Array(bytes.length + 4);
  longer.set(bytes);
  const other = Uint8Array.from(bytes);
  other[0] = 2;
  for (const wrong of [bytes.subarray(0, -4), bytes.subarray(0, 2), longer, other]) {
    expect(() => decodeTask(wrong)).toThrow(refusal("a training task"));
  }
});

test("a task whose head has other values than a task's is refused", () => {
  const changes = [
    ["tanh", "tanf"],
    ["squared-error", "squared-terror"],
    ['"seed":4', '"seed":"x"'],
    ['"nRows":25', '"nRows":-5'],
    ['"nColumns":3', '"nColumns":0'],
  ] as const;
  for (const [from, to] of changes) {
    const wrong = withHead(encodeTask(task, refs), (text) => text.replace(from, to));
    expect(() => decodeTask(wrong)).toThrow(refusal("a training task"));
  }
});

/** The bytes of a message with another head. */
function withHead(bytes: Uint8Array, change: (text: string) => string): Uint8Array {
  const end = 5 + new DataView(bytes.buffer).getUint32(1, true);
  const before = new TextDecoder().decode(bytes.subarray(5, end));
  const head = change(before);
  expect(head).not.toBe(before);
  const text = new TextEncoder().encode(head);
  const changed = new Uint8Array(5 + text.length + bytes.length - end);
  changed[0] = 1;
  new DataView(changed.buffer).setUint32(1, text.length, true);
  changed.set(text, 5);
  changed.set(bytes.subarray(end), 5 + text.length);
  return changed;
}

test("a trained net comes back; one that is cut or not finite is refused", () => {
  const trained = { net: task.net, moments };
  const bytes = encodeTrained(trained);
  expect(decodeTrained(bytes, task)).toEqual(trained);
  const nan = Float32Array.from(task.net.parameters).fill(Number.NaN, 3, 4);
  const broken = encodeTrained({ net: { ...task.net, parameters: nan }, moments });
  const smaller = { ...task.net, parameters: task.net.parameters.slice(1) };
  for (const wrong of [
    broken,
    bytes.subarray(0, -4),
    new Uint8Array(0),
    encodeTrained({ net: smaller, moments }),
  ]) {
    expect(() => decodeTrained(wrong, task)).toThrow(refusal("a trained net"));
  }
});

test("for all bytes, a task or net is decoded or refused, never a fault", () => {
  const valid = encodeTask(task, refs);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 8 }),
      fc.nat(valid.length),
      (changes, length) => {
        const bytes = Uint8Array.from(valid);
        for (const [at, value] of changes) bytes[at] = value;
        for (const decode of [decodeTask, (own: Uint8Array) => decodeTrained(own, task)]) {
          try {
            decode(bytes.subarray(0, length));
          } catch (error) {
            expect(error).toMatchObject({ code: "MESSAGE_INVALID" });
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});

describeMessage({
  what: "a training job",
  parse: parseJob,
  valid: { run: "0123456789abcdef", task: 4 },
  unfit: [{ run: "../x" }, { run: "0123456789abcdef.*" }, { task: -1 }, { task: "4" }],
});

test("a trainer's request is read from its subject and headers", () => {
  const subject = "bailiwick.run.0123456789abcdef.eu.a.task";
  const body = new Uint8Array(0);
  const headers = { task: "3", part: "0" };
  expect(parseRunRequest({ subject, headers, body })).toEqual({
    trainer: "eu.a",
    request: { what: "task", task: 3, part: 0 },
  });
  const wrong = [
    { subject, headers: { task: "3", part: "-1" } },
    { subject, headers: { task: "x", part: "0" } },
    { subject, headers: {} },
    { subject: subject.replace("task", "burn"), headers },
    { subject: "bailiwick.run", headers },
  ];
  for (const own of wrong) {
    expect(() => parseRunRequest({ ...own, body })).toThrow(refusal("a trainer's request"));
  }
  expect(() => parseRows(new Uint8Array(5))).toThrow(refusal("a request for rows"));
});
