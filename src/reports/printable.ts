/** Names as a page can hold them: HTML has no place for control characters, NUL least of all. */

/** Control characters but tab and line breaks, and halves of a surrogate pair. */
const UNPRINTABLE = /[^\P{Cc}\t\n\r]|\p{Cs}/gu;

/** The text with U+FFFD where a character cannot be printed; line breaks become spaces. */
function printable(text: string): string {
  return text.replace(UNPRINTABLE, "\uFFFD").replace(/[\t\n\r]+/g, " ");
}

/** A copy of plain data with every text in it made printable; numbers' arrays are not copied. */
export function withPrintableTexts<T>(value: T): T {
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (typeof value === "string") return printable(value);
  if (Array.isArray(value)) return value.map(copy);
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, copy(entry)]));
}
