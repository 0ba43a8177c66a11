/**
 * Fields that the schemas of a manifest's parts share, and their limits.
 *
 * The schemas of bundles are of valibot, a fifth of zod's size, because pages read bundles too.
 */
import * as v from "valibot";
import { MAX_LAYER_WIDTH, MAX_LAYERS, type NetShape } from "../experts/index.ts";

export const MAX_EXPERTS = 256;
export const MAX_FEATURES = 100_000;
const MAX_NAME_LENGTH = 10_000;

/** A part of a model whose parameters are in a blob. */
export interface Stored {
  /** The blob's SHA-256. */
  readonly blob: string;
}

/** A whole number within its bounds. */
export function whole(
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): v.GenericSchema<number> {
  return v.pipe(v.number(), v.safeInteger(), v.minValue(least), v.maxValue(most));
}

/** A text of at most that many characters. */
export function text(most: number): v.GenericSchema<string> {
  return v.pipe(v.string(), v.maxLength(most));
}

/** A list of at most, and at least, that many items. */
export function list<T>(item: v.GenericSchema<T>, most: number, least = 0): v.GenericSchema<T[]> {
  return v.pipe(v.array(item), v.minLength(least), v.maxLength(most));
}

export const finite: v.GenericSchema<number> = v.pipe(v.number(), v.finite());
export const name: v.GenericSchema<string> = text(MAX_NAME_LENGTH);
export const notNegative: v.GenericSchema<number> = v.pipe(finite, v.minValue(0));
export const positive: v.GenericSchema<number> = v.pipe(finite, v.gtValue(0));
export const count: v.GenericSchema<number> = whole(0);
export const share: v.GenericSchema<number> = v.pipe(finite, v.minValue(0), v.maxValue(1));
export const hash: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{64}$/, "must be 64 hex digits"),
);
export const netShape: {
  readonly sizes: v.GenericSchema<number[]>;
  readonly activation: v.GenericSchema<NetShape["activation"]>;
} = {
  sizes: list(whole(1, MAX_LAYER_WIDTH), MAX_LAYERS + 1, 2),
  activation: v.picklist(["tanh", "relu", "silu"]),
};
export const nFeatures: v.GenericSchema<number> = whole(1, MAX_FEATURES);

/**
 * @returns The value as the schema has it, or the first problem in words: "members.0.weight: …".
 */
export function parseBy<T>(
  schema: v.GenericSchema<unknown, T>,
  value: unknown,
): { readonly value: T } | { readonly problem: string } {
  const parsed = v.safeParse(schema, value, { abortEarly: true });
  if (parsed.success) return { value: parsed.output };
  const [issue] = parsed.issues;
  const place = issue.path?.map(({ key }) => String(key)).join(".") ?? "it";
  return { problem: `${place}: ${issue.message}` };
}
