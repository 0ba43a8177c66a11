/**
 * Levels as patterns: each matches the cells that the table reader maps to the level.
 *
 * The reader trims a cell and writes booleans, whole numbers and times in one spelling
 * (data/reading/cell.ts), and takes other spellings for a level that no other one is like
 * (data/level-spellings.ts). A graph of operators cannot rewrite a text, but it can match one, so a
 * pattern lists the spellings. Times with a zone other than UTC match no pattern.
 */
import { canonicalLevel, casesOf, levelSpellings } from "../data/index.ts";

/** The characters that the reader trims: white space and line ends of ECMAScript. */
const SPACE = "[\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*";
const ZONE = "(?:[Zz]|[+-]00:?00)?";
const DAY = /^\d{4}-\d\d-\d\d$/;
const MOMENT = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):(\d\d)(?:[.](\d+))?Z$/;

/** Matches no text. */
const NOTHING = "$.^";

/**
 * A pattern for each level, in syntax that RE2 and Python share; no cell matches two patterns.
 * Older bundles may have several levels that the reader now maps to one; that one matches all their
 * spellings, and the others match nothing.
 */
export function levelPatterns(levels: readonly string[]): readonly string[] {
  const canonical = levels.map((level) => canonicalLevel(level.trim()));
  const others = levelSpellings(levels);
  return levels.map((level, l) => {
    const spelling = canonical[l]!;
    const taken = levels.includes(spelling)
      ? levels.indexOf(spelling)
      : canonical.indexOf(spelling);
    if (taken !== l) return NOTHING;
    if (level !== level.trim()) return literal(level);
    const { isAnyCase, words } = others[l]!;
    const all = [spellings(spelling, isAnyCase), ...words.map((word) => spellings(word, true))];
    return `${SPACE}(?:${all.join("|")})${SPACE}`;
  });
}

/** A pattern of all spellings of this level. */
function spellings(level: string, isAnyCase: boolean): string {
  if (/^0+$/.test(level)) return `[+-]?${level}(?:[.]0*)?`;
  if (/^\d+$/.test(level)) return `[+]?${level}(?:[.]0*)?`;
  if (/^-\d+$/.test(level)) return `${level}(?:[.]0*)?`;
  if (DAY.test(level)) return `${level}(?:[Tt ]00:00(?::00(?:[.]0{1,9})?)?${ZONE})?`;
  const moment = MOMENT.exec(level);
  if (moment === null) return isAnyCase ? anyCase(level) : literal(level);
  const [, day, minute, second, fraction] = moment;
  const whole = second === "00" ? "(?::00(?:[.]0{1,9})?)?" : `:${second}(?:[.]0{1,9})?`;
  const seconds = fraction === undefined ? whole : `:${second}[.]${fraction}0*`;
  return `${day}[Tt ]${minute}${seconds}${ZONE}`;
}

/** A pattern of the text in any case of its letters. */
function anyCase(text: string): string {
  return Array.from(text, (char) => {
    const cases = casesOf(char);
    return cases.length === 1 ? literal(char) : `[${cases.join("")}]`;
  }).join("");
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
