/** JSON texts from outside: the caller's error, or one that names each wrong key. */
import { expect, test } from "vitest";
import { z } from "zod";
import { parseJson, parseJsonFile } from "../../src/shared/json.ts";

const schema = z.strictObject({ name: z.string(), count: z.int() });

test("a text that is JSON is returned as parsed", () => {
  expect(parseJson('{"a": [1, null]}', () => new Error("no"))).toEqual({ a: [1, null] });
});

test("a text that is not JSON throws the caller's error, with the parser's as its cause", () => {
  const failure = new Error("line 3 must be JSON");
  let cause: unknown;
  const parse = (): unknown =>
    parseJson("{", (parserError) => {
      cause = parserError;
      return failure;
    });
  expect(parse).toThrow(failure);
  expect(cause).toBeInstanceOf(SyntaxError);
});

test("a file that fits its schema is returned, and one that does not names every wrong key", () => {
  expect(parseJsonFile("the file", schema, '{"name":"a","count":2}')).toEqual({
    name: "a",
    count: 2,
  });
  const parse = (text: string) => () => parseJsonFile("the file", schema, text);
  const invalid = { code: "CONFIG_INVALID" };
  expect(parse("[")).toThrow(
    expect.objectContaining({ ...invalid, message: "the file must be JSON" }),
  );
  const wrong = /^the file must be valid: name: .*; count: .*/;
  expect(parse('{"name": 1, "count": 2.5}')).toThrow(
    expect.objectContaining({ ...invalid, message: expect.stringMatching(wrong) }),
  );
});
