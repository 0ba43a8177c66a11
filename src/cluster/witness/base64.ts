/** Base64 as signed notes have it: standard, padded, and only in the one way that it is written. */

/** @returns null unless `text` is base64 of `nBytes` bytes; of any number where none is given. */
export function bytesOf(text: string, nBytes?: number): Buffer | null {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) return null;
  return nBytes === undefined || bytes.length === nBytes ? bytes : null;
}

/** A size in decimal; null unless it is written in the one way, and exact as a number. */
export function sizeOf(text: string): number | null {
  const size = Number(text);
  return /^(0|[1-9]\d{0,15})$/.test(text) && Number.isSafeInteger(size) ? size : null;
}
