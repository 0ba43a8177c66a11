/**
 * Bytes of a text file to text: UTF-8, UTF-16, or windows-1252, which Latin-1 is a part of.
 *
 * A byte order mark decides. Without one, bytes that are UTF-8 are UTF-8, zeros at every other byte
 * are UTF-16, and other bytes are windows-1252. What is no text at all, or text in two encodings,
 * is refused with the place.
 */
import type { Encoding } from "../../shared/choices.ts";
import { BailiwickError } from "../../shared/errors.ts";

/** Bytes that are looked at to tell UTF-16 without a byte order mark. */
const SAMPLE_BYTES = 4096;
/** Characters that text files do not hold; tabs, line ends and form feeds they do. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f\ufffe\uffff]/;
/** UTF-8 sequences of several bytes, decoded as windows-1252. */
const SEQUENCE = /[\u00c3-\u00f4][\u0080-\u00bf\u0152-\u2122]/;

/** Some versions of Node decode windows-1252 as Latin-1, which has controls from 0x80 to 0x9f. */
const CONTROLS_OF_LATIN = /[\u0080-\u009f]/g;
const WINDOWS =
  "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d" +
  "\u017d\u008f\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a" +
  "\u0153\u009d\u017e\u0178";

export interface Decoded {
  readonly text: string;
  readonly encoding: Encoding;
}

/**
 * @param wanted - The encoding, if it is not to be found out.
 * @throws DATA_MALFORMED for bytes that are no text, or that mix two encodings, naming the line.
 */
export function decodeText(bytes: Uint8Array, wanted?: Encoding): Decoded {
  const { text, encoding } = decodeAs(bytes, wanted ?? wideEncoding(bytes));
  const odd = CONTROL.exec(text);
  if (odd === null) return { text, encoding };
  const line = lineOf(text, odd.index);
  const code = odd[0].charCodeAt(0).toString(16).padStart(2, "0");
  const message = `a data file must be text, line ${line} holds the control character 0x${code}`;
  throw new BailiwickError("DATA_MALFORMED", message, { line });
}

/** UTF-16 if the bytes are; undefined if each character may be one byte. */
function wideEncoding(bytes: Uint8Array): Encoding | undefined {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  const zeros = [0, 0];
  sample.forEach((byte, at) => {
    if (byte === 0) zeros[at % 2]! += 1;
  });
  // Text of Latin letters has a zero in every other byte.
  if (zeros[1]! > 0.4 * sample.length && zeros[0] === 0) return "utf-16le";
  if (zeros[0]! > 0.4 * sample.length && zeros[1] === 0) return "utf-16be";
  return undefined;
}

/** @param encoding - UTF-8, or windows-1252 if the bytes are not, where it is not given. */
function decodeAs(bytes: Uint8Array, encoding: Encoding | undefined): Decoded {
  if (encoding === "windows-1252") return { text: decodeLatin(bytes), encoding };
  const wide = encoding ?? "utf-8";
  try {
    return { text: new TextDecoder(wide, { fatal: true }).decode(bytes), encoding: wide };
  } catch (cause) {
    if (encoding === undefined) return decodeAs(bytes, "windows-1252");
    const message = `a data file must be text in ${encoding}, some of its bytes are not`;
    throw new BailiwickError("DATA_MALFORMED", message, { encoding }, cause);
  }
}

/** @throws DATA_MALFORMED if some of the text is UTF-8 and some is not. */
function decodeLatin(bytes: Uint8Array): string {
  const decoded = new TextDecoder("windows-1252").decode(bytes);
  const text = decoded.replace(CONTROLS_OF_LATIN, (c) => WINDOWS[c.charCodeAt(0) - 0x80]!);
  if (!SEQUENCE.test(text)) return text;
  const rows = text.split("\n");
  const isWide = (row: string): boolean => SEQUENCE.test(row);
  const wide = rows.findIndex(isWide);
  const narrow = rows.findIndex((row) => /[\u0080-\u2122]/.test(row) && !isWide(row));
  if (wide < 0 || narrow < 0) return text;
  throw new BailiwickError(
    "DATA_MALFORMED",
    `a data file must be in one encoding, line ${wide + 1} is UTF-8 and line ${narrow + 1} ` +
      "windows-1252",
    { line: narrow + 1 },
  );
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split(/\r\n|\n|\r/).length;
}
