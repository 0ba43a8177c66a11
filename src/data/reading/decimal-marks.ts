/** Which decimal mark each column of a file has. */
import type { ColumnReading } from "../table.ts";
import type { DecimalMark } from "./number-text.ts";
import type { RawCells, RawTable } from "./raw-table.ts";
import { decimalVotes } from "./survey.ts";

interface MarkOptions {
  readonly decimal?: DecimalMark | undefined;
  readonly readings?: readonly ColumnReading[] | undefined;
  readonly isStrict?: boolean | undefined;
}

/**
 * The decimal mark of each column: what its own cells prove, else the other columns', else what the
 * model learnt, else what the separator lets expect.
 */
export function decimalMarks(
  columns: readonly { readonly name: string; readonly cells: RawCells }[],
  raw: RawTable,
  { decimal, readings = [], isStrict = false }: MarkOptions,
): (name: string) => DecimalMark {
  if (decimal !== undefined) return () => decimal;
  const learnt = new Map(readings.map(({ column, decimal: mark }) => [column, mark]));
  if (isStrict) return (name) => learnt.get(name) ?? ".";
  const votes = new Map(columns.map(({ name, cells }) => [name, decimalVotes(cells.cells)]));
  const all = [...votes.values()].reduce((sum, { comma }) => sum + comma, 0);
  const commaIn = (votesFor: number): DecimalMark => (votesFor > 0 ? "," : ".");
  return (name) => {
    const { comma, isAmbiguous } = votes.get(name)!;
    if (comma !== 0) return commaIn(comma);
    if (!isAmbiguous) return learnt.get(name) ?? ".";
    if (all !== 0) return commaIn(all);
    return learnt.get(name) ?? (hasPoints(columns, name) ? "." : (raw.decimal ?? "."));
  };
}

/** Whether numbers of a column have a point and none has a comma. */
function hasPoints(
  columns: readonly { readonly name: string; readonly cells: RawCells }[],
  name: string,
): boolean {
  const { cells } = columns.find((column) => column.name === name)!.cells;
  return Array.from(cells).every((cell) => !String(cell ?? "").includes(","));
}
