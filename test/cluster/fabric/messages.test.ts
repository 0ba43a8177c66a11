/** Errors and subjects as they cross the fabric, and refusals as they are counted. */
import { expect, test } from "vitest";
import { z } from "zod";
import { invalidMessage, readMessage } from "../../../src/cluster/fabric/messages.ts";
import { createRefusals } from "../../../src/cluster/fabric/refusals.ts";
import { checkedAnswer, errorMessage } from "../../../src/cluster/fabric/remote-error.ts";
import { takes } from "../../../src/cluster/fabric/subjects.ts";
import { BailiwickError } from "../../../src/shared/errors.ts";
import { bytesOf } from "../nonsense.ts";

test("errors cross with their code, bugs without their words", () => {
  const ours = errorMessage(new BailiwickError("TERM_STALE", "términ\nx"));
  expect(() => checkedAnswer(ours)).toThrow(/t\?rmin\?x/);
  expect(() => checkedAnswer(errorMessage(new Error("secret")))).toThrow(/failed to answer/);
  const odd = { headers: { "error-code": "toString" }, body: new Uint8Array(0) };
  expect(() => checkedAnswer(odd)).toThrow(
    expect.objectContaining({ code: "WORKER_FAILED", message: "no reason was given" }),
  );
  const fine = { headers: { a: "b" }, body: new Uint8Array(1) };
  expect(checkedAnswer(fine)).toBe(fine);
});

test("a refused message is counted by its name, and said the first time", () => {
  const refusals = createRefusals();
  const said: string[] = [];
  refusals.onFirst((line) => said.push(line));
  const schema = z.object({ n: z.int() });
  const read = (value: unknown) =>
    refusals.accept(() => readMessage("a number", schema, bytesOf(value)));
  expect(read({ n: 1 })).toEqual({ n: 1 });
  expect([read({ n: "x" }), read({ n: 1.5 }), read("{")]).toEqual([null, null, null]);
  expect(refusals.count(invalidMessage("another", "x"))).toBe(true);
  expect([...refusals.counts()]).toEqual([
    ["a number", 3],
    ["another", 1],
  ]);
  expect(refusals.total()).toBe(4);
  expect(said).toHaveLength(2);
  expect(said[0]).toMatch(/^refused: a number must fit its schema, n: .*number/);
});

test("an error that is no refusal is neither counted nor hidden", () => {
  const refusals = createRefusals();
  const stale = new BailiwickError("TERM_STALE", "x");
  expect(refusals.count(stale)).toBe(false);
  expect(() =>
    refusals.accept(() => {
      throw stale;
    }),
  ).toThrow(stale);
  expect(refusals.total()).toBe(0);
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
