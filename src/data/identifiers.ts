/**
 * Columns that say nothing of their rows: those that name them, as row numbers, identifiers and
 * free texts, by which a model learns the rows by heart; and those without any value.
 */
import { dateReading } from "./date-features.ts";
import type { Column, Table } from "./table.ts";

/** Fewer rows do not show that values never repeat. */
const MIN_ROWS = 20;
/** Different values, as a share of those that are there. */
const NEARLY_UNIQUE = 0.9;
const NAMES = "id|ids|uuid|guid|index|idx|key|no|nr|num|number|row|record|#";
const NAME = new RegExp(`(?:^|[\\s_.-])(?:${NAMES})$|^(?:unnamed: \\d+|rownames)$`, "i");
const CAMEL_CASE = /[a-z]I[dD]$/;

export interface LeftOut {
  readonly column: string;
  readonly why: string;
  /** Whether the user may want it as a feature. */
  readonly canStay: boolean;
}

/**
 * The columns of a table that only name its rows, or have no values.
 *
 * @param kept - Columns that are no candidates: the target, and what the user names.
 */
export function identifierColumns(table: Table, kept: readonly string[]): readonly LeftOut[] {
  const { readings = [] } = table;
  const found = table.columns.flatMap((column) => {
    if (kept.includes(column.name) || dateReading(column, readings) !== undefined) return [];
    const present = presentIn(column);
    if (present.length === 0) return [{ column: column.name, why: "no values", canStay: false }];
    const why = whyIdentifier(column, present);
    return why === null ? [] : [{ column: column.name, why, canStay: true }];
  });
  // A table of nothing but such columns has no other features.
  const nFeatures = table.columns.filter(({ name }) => !kept.includes(name)).length;
  return found.length === nFeatures ? [] : found;
}

function presentIn({ values }: Column): readonly (string | number | null)[] {
  return Array.from<string | number | null>(values).filter(
    (value) => value !== null && !Number.isNaN(value),
  );
}

function whyIdentifier(column: Column, present: readonly unknown[]): string | null {
  if (present.length < MIN_ROWS) return null;
  const nDistinct = new Set(present).size;
  if (column.type === "category") {
    if (nDistinct <= NEARLY_UNIQUE * present.length) return null;
    return `${nDistinct} of its ${present.length} texts are different`;
  }
  const isWhole = column.values.every((value) => Number.isNaN(value) || Number.isInteger(value));
  if (!isWhole || nDistinct < present.length || !isNamedSo(column.name)) return null;
  return "by its name and values it numbers the rows";
}

function isNamedSo(name: string): boolean {
  return NAME.test(name.trim()) || CAMEL_CASE.test(name.trim());
}
