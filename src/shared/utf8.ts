/** Bytes to text, strictly: text in another encoding is refused, never read as something else. */
import { BailiwickError } from "./errors.ts";

/**
 * The text that UTF-8 bytes spell, without a byte order mark.
 *
 * @param what - The subject of the message, for example "a data file".
 * @throws DATA_MALFORMED naming the first byte that is not UTF-8, counted from 0.
 */
export function decodeUtf8(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    const byte = firstBadByte(bytes);
    const message = `${what} must be UTF-8 text, byte ${byte} is not`;
    throw new BailiwickError("DATA_MALFORMED", message, { byte }, cause);
  }
}

/** The least length at which a prefix is refused whatever follows, less one; by bisection. */
function firstBadByte(bytes: Uint8Array): number {
  let [good, bad] = [0, bytes.length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isPrefix(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  return Math.min(good, bytes.length - 1);
}

/** Whether bytes can be the beginning of a UTF-8 text. */
function isPrefix(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
