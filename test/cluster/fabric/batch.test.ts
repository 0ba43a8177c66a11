/** Several messages as one body: all come back, a shared body stands there once, the rest is refused. */
import { describe, expect, test } from "vitest";
import { type Message, readBatch, writeBatch } from "../../../src/cluster/fabric/index.ts";

const row = Uint8Array.of(1, 2, 3, 4);
const messages: readonly Message[] = [
  { headers: { expert: "m0.e0", text: 'naïve "x"' }, body: row },
  { headers: {}, body: new Uint8Array(0) },
  { headers: { expert: "m0.e1" }, body: Uint8Array.of(9) },
];

function listed(bytes: Uint8Array): unknown {
  return readBatch(bytes).map(({ headers, body }) => [headers, [...body]]);
}

test("messages come back as they were, in their order", () => {
  expect(listed(writeBatch(messages))).toEqual(
    messages.map(({ headers, body }) => [headers, [...body]]),
  );
  expect(listed(writeBatch([]))).toEqual([]);
});

test("a body that two messages share stands there once, equal ones of their own twice", () => {
  const body = new Uint8Array(1000).fill(7);
  const once = writeBatch([
    { headers: { a: "1" }, body },
    { headers: { a: "2" }, body },
  ]);
  const twice = writeBatch([
    { headers: { a: "1" }, body },
    { headers: { a: "2" }, body: body.slice() },
  ]);
  expect(once.length).toBeLessThan(1200);
  expect(twice.length).toBeGreaterThan(2000);
  expect(listed(once)).toEqual(listed(twice));
});

describe("refused is a batch", () => {
  const good = writeBatch(messages);
  const withHead = (head: object, ...rest: readonly number[]): Uint8Array => {
    const text = new TextEncoder().encode(JSON.stringify(head));
    return Uint8Array.of(0, 0, 0, text.length, ...text, ...rest);
  };
  const one = { headers: {}, body: 0 };

  test.each([
    ["without bytes", new Uint8Array(0)],
    ["of three bytes", good.subarray(0, 3)],
    ["whose head is longer than it", Uint8Array.of(0, 0, 1, 0, 123, 125)],
    ["that is cut", good.subarray(0, good.length - 1)],
    ["that is longer", Uint8Array.of(...good, 0)],
    ["without a head", Uint8Array.of(0, 0, 0, 0)],
    ["whose message has no body", withHead({ lengths: [], messages: [one] })],
    [
      "whose message has a body before the first",
      withHead({ lengths: [0], messages: [{ headers: {}, body: -1 }] }),
    ],
    ["with a length below zero", withHead({ lengths: [2, -1], messages: [one] }, 1)],
    [
      "with headers that are no texts",
      withHead({ lengths: [0], messages: [{ headers: { a: 1 }, body: 0 }] }),
    ],
    ["of 1,001 messages", withHead({ lengths: [], messages: Array(1001).fill(one) })],
  ])("%s", (_, bytes) => {
    expect(() => readBatch(bytes)).toThrow(expect.objectContaining({ code: "MESSAGE_INVALID" }));
  });
});
