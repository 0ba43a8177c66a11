/** Bytes that no schema fits, and messages that a schema must refuse by name. */
import { expect, test } from "vitest";
import type { ErrorCode } from "../../src/shared/errors.ts";

export const bytesOf = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));

export const HASH = "ab".repeat(32);

const NONSENSE: readonly unknown[] = ["", "{", "null", "[]", "1", '"x"', "{}", "\u0000"];

/** A message and the changes to it that make it unfit. */
export interface MessageCase<T extends object> {
  /** As the refusal names it. */
  readonly what: string;
  readonly parse: (body: Uint8Array) => T;
  readonly valid: T;
  readonly unfit: readonly Readonly<Record<string, unknown>>[];
  readonly code?: ErrorCode;
}

/** The message comes back; nonsense, and each change, is refused by name. */
export function describeMessage<T extends object>(message: MessageCase<T>): void {
  const { what, parse, valid, unfit } = message;
  test(`${what} comes back as it was`, () => {
    expect(parse(bytesOf(valid))).toEqual(valid);
  });
  const wrong = [...NONSENSE, ...unfit.map((change) => ({ ...valid, ...change }))];
  test.each(wrong.map((value) => [bytesOf(value)]))(`%s is no ${what}`, (body) => {
    expect(() => parse(body)).toThrow(
      expect.objectContaining({
        code: "MESSAGE_INVALID",
        message: expect.stringContaining(`${what} must fit its schema`),
        details: { what },
      }),
    );
  });
  test(`${what} that is not UTF-8 is refused`, () => {
    expect(() => parse(Uint8Array.of(0xff, 0xfe, 0x7b))).toThrow(
      /must fit its schema, it is no JSON/,
    );
  });
}
