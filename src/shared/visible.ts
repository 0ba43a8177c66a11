/**
 * Texts of users' files made fit for a terminal, a log or a card: characters that a terminal obeys,
 * or that turn the order of what is read, are shown by their number instead.
 */

/** C0 but tab and line feed, DEL, C1, and the marks that change the direction of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not pass.
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The text with `\u001b` in the place of the character of that number. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
