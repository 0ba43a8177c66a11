/**
 * Levels as patterns: each matches the cells that a reader of tables takes for the level.
 *
 * Readers take space away from around a cell and write booleans, whole numbers and moments in one
 * spelling (data/cell.ts). A graph of operators cannot rewrite a text, but it can match one, so
 * that a pattern lists the spellings. Moments that name a zone other than UTC match no pattern.
 */
import { canonicalLevel } from "../data/index.ts";

/** What a reader takes away from around a cell: white space and line ends of ECMAScript. */
const SPACE = "[\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*";
const ZONE = "(?:[Zz]|[+-]00:?00)?";
const DAY = /^\d{4}-\d\d-\d\d$/;
const MOMENT = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):(\d\d)(?:[.](\d+))?Z$/;

/** Matches no text. */
const NOTHING = "$.^";

/**
 * A pattern for each level, in a syntax that RE2 and Python read alike; no cell matches two. Where
 * a reader takes several levels for one, as in bundles from before it spelled them in one way, that
 * one matches all their spellings and the others nothing.
 */
export function levelPatterns(levels: readonly string[]): readonly string[] {
  const canonical = levels.map((level) => canonicalLevel(level.trim()));
  return levels.map((level, l) => {
    const spelling = canonical[l]!;
    const taken = levels.includes(spelling)
      ? levels.indexOf(spelling)
      : canonical.indexOf(spelling);
    if (taken !== l) return NOTHING;
    return level === level.trim() ? `${SPACE}${spellings(spelling)}${SPACE}` : literal(level);
  });
}

/** All that is written as this level, as a pattern. */
function spellings(level: string): string {
  if (/^(?:true|false)$/.test(level)) return level.replace(/./g, (c) => `[${c.toUpperCase()}${c}]`);
  if (/^0+$/.test(level)) return `[+-]?${level}(?:[.]0*)?`;
  if (/^\d+$/.test(level)) return `[+]?${level}(?:[.]0*)?`;
  if (/^-\d+$/.test(level)) return `${level}(?:[.]0*)?`;
  if (DAY.test(level)) return `${level}(?:[Tt ]00:00(?::00(?:[.]0{1,9})?)?${ZONE})?`;
  const moment = MOMENT.exec(level);
  if (moment === null) return literal(level);
  const [, day, minute, second, fraction] = moment;
  const whole = second === "00" ? "(?::00(?:[.]0{1,9})?)?" : `:${second}(?:[.]0{1,9})?`;
  const seconds = fraction === undefined ? whole : `:${second}[.]${fraction}0*`;
  return `${day}[Tt ]${minute}${seconds}${ZONE}`;
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
