/**
 * The members of a request's JSON, read one by one.
 *
 * For an optional member, being absent, null and empty (an empty text, list or object) are one
 * thing: undefined here. A member of another type is refused by its name.
 */
import { BailiwickError } from "../shared/errors.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import { describeValue } from "./refusal.ts";

const MAX_CLASS_CHARS = 200;
const NOTHING: JsonObject = {};

/** @param what - As a message calls it: "the body", "inputs[2]". */
export function objectOf(what: string, value: unknown): JsonObject {
  if (isJsonObject(value)) return value;
  throw invalid(`${what} must be an object, got ${describeValue(value)}`);
}

/** A list of at least `least` elements and at most `most`. */
export function listOf(
  what: string,
  value: unknown,
  least: number,
  most: number,
): readonly unknown[] {
  if (Array.isArray(value) && value.length >= least && value.length <= most) return value;
  throw invalid(`${what} must be a list of ${least} to ${most}, got ${describeValue(value)}`);
}

/** A list that may be left out. */
export function optionalList(
  what: string,
  value: unknown,
  most: number,
): readonly unknown[] | undefined {
  if (value === undefined || value === null) return undefined;
  const list = listOf(what, value, 0, most);
  return list.length === 0 ? undefined : list;
}

/** An object that may be left out; empty if it is. */
export function optionalObject(what: string, value: unknown): JsonObject {
  return value === undefined || value === null ? NOTHING : objectOf(what, value);
}

/** A text that may be left out, of at most `most` characters. */
export function optionalText(what: string, value: unknown, most: number): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string" && value.length <= most) return value;
  throw invalid(`${what} must be a text of at most ${most} characters`);
}

/** A flag that may be left out. */
export function optionalFlag(what: string, value: unknown, otherwise = false): boolean {
  if (value === undefined || value === null) return otherwise;
  if (typeof value === "boolean") return value;
  throw invalid(`${what} must be true or false, got ${describeValue(value)}`);
}

/** What the rows are called, where it matters where they go; null for nothing. */
export function classOf(value: unknown): string | null {
  return optionalText("class", value, MAX_CLASS_CHARS) ?? null;
}

/** The level of intervals; null if none are asked for. The model says which levels it has. */
export function levelOf(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "number") return value;
  throw invalid(`interval must be a number above 0 and below 1, got ${describeValue(value)}`);
}

export function invalid(message: string): BailiwickError {
  return new BailiwickError("INVALID_OPTION", message);
}
