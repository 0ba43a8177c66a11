/**
 * The numbers of a JSON text as the text has them: JSON.parse makes 9007199254740993 even and 3.0
 * a 3. A number that a double does not spell in the same way becomes a string of its text, which
 * the readers take as the same number. Texts that are not JSON stay so.
 */

/** A string, or a run of what numbers consist of. Takes time linear in the text's length. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"?|[-+.\d][-+.\deE]*/gs;
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** JSON.parse rounds whole numbers with this many digits. */
const LONG_NUMBER = /\d{16}/;

/** Whether a text may hold numbers that a double rounds. */
export function hasLongNumbers(text: string): boolean {
  return LONG_NUMBER.test(text);
}

/** The same JSON with quotes around the numbers that a double spells otherwise. */
export function quoteNumbers(text: string): string {
  return text.replace(TOKEN, (token: string, at: number) => {
    if (token.startsWith('"') || !JSON_NUMBER.test(token)) return token;
    if (String(Number(token)) === token && Number.isSafeInteger(Math.trunc(Number(token)))) {
      return token;
    }
    return isValue(text, at, at + token.length) ? `"${token}"` : token;
  });
}

/**
 * Whether what lies between two places is a value in a list or an object: not a key, not a part.
 */
function isValue(text: string, start: number, end: number): boolean {
  const before = skipSpace(text, start - 1, -1);
  const after = skipSpace(text, end, 1);
  return (before === ":" || before === "[" || before === ",") && /^[,\]}]$/.test(after);
}

/** The first character from `at` on that is no space; "" beyond the text. */
function skipSpace(text: string, at: number, step: 1 | -1): string {
  let place = at;
  while (" \t\n\r".includes(text.charAt(place)) && place >= 0 && place < text.length) place += step;
  return text.charAt(place);
}
