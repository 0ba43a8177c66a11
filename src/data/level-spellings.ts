/**
 * Spellings by which a cell is taken for a level that it does not write as training did: in other
 * letter case, and, of the two levels of a yes or no, in another word for it.
 *
 * Both are exact: a graph of operators matches the same texts by patterns (onnx/level-patterns.ts).
 */
import { canonicalLevel } from "./reading/cell.ts";

const YES = ["true", "t", "yes", "y", "1", "on", "ja", "oui", "si", "sí", "sì", "sim"];
const NO = ["false", "f", "no", "n", "0", "off", "nein", "nee", "non", "não"];

/** The two forms of a letter; more than one only where each leads to the other. */
export function casesOf(char: string): readonly string[] {
  const [low, high] = [char.toLowerCase(), char.toUpperCase()];
  if (char === low && high !== low && high.toLowerCase() === low) return [low, high];
  if (char === high && low !== high && low.toUpperCase() === high) return [low, high];
  return [char];
}

/** A text in which letters have one case. */
export function foldCase(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase();
  return Array.from(text, (char) => casesOf(char)[0]!).join("");
}

export interface LevelSpelling {
  /** Whether no other level differs from this one in letter case alone. */
  readonly isAnyCase: boolean;
  /** Folded words that mean the same yes or no; empty where the levels are no such two. */
  readonly words: readonly string[];
}

/** One for each level. */
export function levelSpellings(levels: readonly string[]): readonly LevelSpelling[] {
  const canonical = levels.map((level) => canonicalLevel(level.trim()));
  const folded = canonical.map(foldCase);
  const nSpelled = new Map<string, Set<string>>();
  folded.forEach((key, l) => {
    nSpelled.set(key, (nSpelled.get(key) ?? new Set()).add(canonical[l]!));
  });
  const isPair = folded.length === 2 && folded.some(isIn(YES)) && folded.some(isIn(NO));
  return folded.map((key) => {
    const words = !isPair ? [] : YES.includes(key) ? YES : NO;
    return { isAnyCase: nSpelled.get(key)!.size === 1, words: words.filter((w) => w !== key) };
  });
}

function isIn(words: readonly string[]): (word: string) => boolean {
  return (word) => words.includes(word);
}
