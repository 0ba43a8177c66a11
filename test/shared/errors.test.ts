/** Goal: the error codes in the code and the sections of docs/errors.md are the same list. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  BailiwickError,
  checkInteger,
  checkLength,
  checkNumber,
  ERROR_CODES,
} from "../../src/shared/errors.ts";

test("every error code has a section in docs/errors.md, and no section lacks a code", () => {
  const page = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
  const documented = [...page.matchAll(/^## ([A-Z_]+)\n(\d+)\./gm)];
  expect(documented.map((match) => match[1]).sort()).toEqual([...ERROR_CODES].sort());
  for (const [, code, status] of documented) {
    const error = new BailiwickError(code as (typeof ERROR_CODES)[number], "");
    expect(`${code} ${error.httpStatus}`).toBe(`${code} ${status}`);
  }
});

test("an error carries its code, its details, its status and its cause", () => {
  const cause = new Error("no space left");
  const error = new BailiwickError("WRITE_FAILED", "disk is full", { path: "a" }, cause);
  expect(error).toMatchObject({
    name: "BailiwickError",
    code: "WRITE_FAILED",
    details: { path: "a" },
    httpStatus: 507,
    cause,
  });
});

test("checks say what must hold and what was given", () => {
  expect(() => checkLength("y.length", 3, 4)).toThrow("y.length must be 4, got 3");
  expect(() => checkInteger("folds", 1, 2, 9)).toThrow("folds must be an integer, 2 to 9, got 1");
  expect(() => checkInteger("folds", 2.5, 2)).toThrow("at least 2, got 2.5");
  expect(() => checkNumber("rate", Number.NaN, 0)).toThrow("rate must be a number, at least 0");
});
