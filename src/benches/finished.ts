/** What a bench finished earlier, read back from a file. */
import { z } from "zod";
import { BailiwickError } from "../shared/errors.ts";

/**
 * @param text - One JSON document.
 * @param what - The document's name in messages.
 * @throws CONFIG_INVALID if the text is not JSON or does not fit the schema.
 */
export function parseFinished<T>(schema: z.ZodType<T>, text: string, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BailiwickError("CONFIG_INVALID", `${what} must be JSON`, {}, cause);
  }
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  throw new BailiwickError("CONFIG_INVALID", `${what} does not fit: ${z.prettifyError(error)}`);
}
