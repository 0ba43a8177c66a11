/** Whether columns that a caller names exist. */
import { closest } from "fastest-levenshtein";
import { BailiwickError } from "../../shared/errors.ts";

/**
 * @param hint - What may be wrong with all the names.
 * @throws COLUMN_MISSING naming the nearest column that exists, or with the hint.
 */
export function checkColumnNames(
  wanted: readonly string[],
  names: readonly string[],
  hint = "",
): void {
  const present = new Set(names);
  const unknown = wanted.find((name) => !present.has(name));
  if (unknown === undefined) return;
  const nearest = names.length === 0 ? "" : `, the nearest is "${closest(unknown, [...names])}"`;
  const message = `column "${unknown}" must exist${hint === "" ? nearest : `; ${hint}`}`;
  throw new BailiwickError("COLUMN_MISSING", message, { column: unknown });
}
