/** The rows that the model gets most wrong: where a person looks for errors in the data first. */
import type { Table } from "../../data/index.ts";
import type { AnsweredRows } from "./answers.ts";

export interface WorstRow {
  /** In the file, counted from 1 without its header. */
  readonly row: number;
  readonly truth: number;
  readonly predicted: number;
  /** Of the features asked for, in their order; null where missing. */
  readonly cells: readonly { readonly name: string; readonly value: number | string | null }[];
}

const MAX_ROWS = 8;
const MAX_CELLS = 5;

/** @param names - Features, the most important first. */
export function worstRows(
  { features, rows: numbers }: { readonly features: Table; readonly rows: Int32Array },
  { rows, truth, predicted }: AnsweredRows,
  names: readonly string[],
): readonly WorstRow[] {
  const columns = names
    .slice(0, MAX_CELLS)
    .flatMap((name) => features.columns.find((column) => column.name === name) ?? []);
  const errorOf = (place: number): number => Math.abs(predicted[place]! - truth[place]!);
  const places = [...rows.keys()].sort((a, b) => errorOf(b) - errorOf(a));
  const seen = new Set<number>();
  const worst: number[] = [];
  for (const place of places) {
    if (worst.length === MAX_ROWS) break;
    if (seen.has(rows[place]!)) continue;
    seen.add(rows[place]!);
    worst.push(place);
  }
  return worst.map((place) => {
    const i = rows[place]!;
    const cells = columns.map(({ name, values }) => {
      const value = values[i] ?? null;
      return { name, value: typeof value === "number" && Number.isNaN(value) ? null : value };
    });
    return { row: numbers[i]! + 1, truth: truth[place]!, predicted: predicted[place]!, cells };
  });
}
