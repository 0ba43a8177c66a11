/**
 * Which rows a model was trained on, as hashes of some of them: the rows with the lowest hashes.
 * Other rows are compared where their hashes are as low, so the share of rows that were trained on
 * is estimated from a fixed number of hashes, and two lists are joined by their lowest hashes.
 *
 * Source: bottom-k sketches, Broder 1997, On the resemblance and containment of documents.
 */
import { createHash } from "node:crypto";
import { applyPreprocessing } from "./apply-preprocessing.ts";
import { MAX_MARKS } from "./limits.ts";
import type { Preprocessing } from "./preprocessing.ts";
import type { Table } from "./table.ts";
import { scaleTarget } from "./target-scale.ts";

/** Hexadecimal digits of a mark. */
const DIGITS = 8;

/** Different marks, ascending, one after the other: 8 hexadecimal digits each. */
export type RowMarks = string;

/** Rows of a table as they are marked. */
interface MarkedTable {
  readonly features: Table;
  /** Shape (features.nRows,). */
  readonly y: Float64Array;
}

export function markRows(preprocessing: Preprocessing, table: MarkedTable): RowMarks {
  return lowest(hashRows(preprocessing, table));
}

/** The marks of the rows of both. */
export function joinMarks(one: RowMarks, other: RowMarks): RowMarks {
  return lowest([...splitMarks(one), ...splitMarks(other)]);
}

/**
 * The share of rows that are equal, features and target, to rows that were marked; null if no row
 * can be compared. An estimate where more than MAX_MARKS rows were marked.
 */
export function shareMarked(
  marks: RowMarks,
  preprocessing: Preprocessing,
  table: MarkedTable,
): number | null {
  const marked = splitMarks(marks);
  const most = marked.length < MAX_MARKS ? "g" : marked.at(-1)!;
  const comparable = hashRows(preprocessing, table).filter((hash) => hash <= most);
  if (comparable.length === 0) return null;
  const ofTraining = new Set(marked);
  return comparable.filter((hash) => ofTraining.has(hash)).length / comparable.length;
}

function lowest(hashes: readonly string[]): RowMarks {
  return [...new Set(hashes)].sort().slice(0, MAX_MARKS).join("");
}

function splitMarks(marks: RowMarks): readonly string[] {
  return marks.match(/.{8}/g) ?? [];
}

/** Of each row's matrix columns and its standardised target. */
function hashRows(preprocessing: Preprocessing, { features, y }: MarkedTable): readonly string[] {
  const { values, nRows, nColumns } = applyPreprocessing(preprocessing, features);
  const targets = scaleTarget(y, preprocessing.target);
  return Array.from({ length: nRows }, (_, i) => {
    const row = values.subarray(i * nColumns, (i + 1) * nColumns);
    const hash = createHash("sha256")
      .update(row)
      .update(targets.subarray(i, i + 1));
    return hash.digest("hex").slice(0, DIGITS);
  });
}
