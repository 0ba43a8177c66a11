/**
 * The header Range, for one range of bytes. A header of another form is ignored, as HTTP allows.
 * Source: RFC 9110, section 14.
 */

const ONE_RANGE = /^bytes=(\d{0,15})-(\d{0,15})$/;

/**
 * @returns The part, `end` exclusive; null for the whole; "outside" for a part that begins after
 *   the last byte.
 */
export function readRange(
  header: string | undefined,
  nBytes: number,
): { readonly start: number; readonly end: number } | "outside" | null {
  const [, first = "", last = ""] = ONE_RANGE.exec(header ?? "") ?? [];
  if (first === "" && last === "") return null;
  if (first === "") {
    const length = Math.min(nBytes, Number(last));
    return length === 0 ? "outside" : { start: nBytes - length, end: nBytes };
  }
  const start = Number(first);
  const end = last === "" ? nBytes : Math.min(nBytes, Number(last) + 1);
  if (start >= nBytes) return "outside";
  return end <= start ? null : { start, end };
}
