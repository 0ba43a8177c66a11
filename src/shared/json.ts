/** JSON texts from outside, parsed with the caller's error code and message. */
import type { z } from "zod";
import { BailiwickError } from "./errors.ts";

/**
 * @param errorOf - Makes the error to throw, from the parser's.
 * @throws what `errorOf` returns, if the text is not JSON.
 */
export function parseJson(text: string, errorOf: (cause: unknown) => Error): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (cause) {
    throw errorOf(cause);
  }
}

/**
 * A file that a person wrote, as its schema reads it.
 *
 * @param what - The file's content with its article, for example "the devices".
 * @throws CONFIG_INVALID if the text is not JSON, or naming each key that is wrong.
 */
export function parseJsonFile<T>(what: string, schema: z.ZodType<T>, text: string): T {
  const document = parseJson(
    text,
    (cause) => new BailiwickError("CONFIG_INVALID", `${what} must be JSON`, {}, cause),
  );
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.join(".") || "the file"}: ${message}`,
  );
  throw new BailiwickError("CONFIG_INVALID", `${what} must be valid: ${problems.join("; ")}`);
}
