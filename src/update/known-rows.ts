/**
 * Rows that a store holds already, at the beginning of rows that are followed: a command that
 * follows a file again, with other batches perhaps, learns from where the one before it ended.
 */
import { type Table, takeTableRows } from "../data/index.ts";
import { sha256 } from "../shared/hash.ts";
import { countRows, lineOf, linesOf, type RowStore, readRegime } from "./store/index.ts";
import type { Batch } from "./update-bundle.ts";

/** The part of a batch that is new; null if none is. */
export type NewPart = (batch: Batch) => Batch | null;

/** Batches without the rows, from the first one on, that the store held when this was called. */
export async function skipKnown(store: RowStore): Promise<NewPart> {
  const counts = new Map<string, number>();
  for (const k of countRows(store).keys()) {
    for (const { cells } of await readRegime(store, k)) {
      const line = lineOf(cells);
      counts.set(line, (counts.get(line) ?? 0) + 1);
    }
  }
  const targetOf = (table: Table) =>
    table.columns.find(({ name }) => name === store.state.target)?.values ?? [];
  /**
   * How many rows at the beginning of a table are known; those without a target, which are never
   * stored, count as such. Modifies `counts`.
   */
  const countKnown = (table: Table): number => {
    const targets = targetOf(table);
    for (let row = 0; row < table.nRows; row++) {
      const target = targets[row];
      if (target === undefined || target === null || Number.isNaN(target)) continue;
      const line = linesOf(store.state, table, [row]);
      const count = counts.get(line) ?? 0;
      if (count === 0) return row;
      counts.set(line, count - 1);
    }
    return table.nRows;
  };
  let isBeginning = true;
  return (batch) => {
    const { table } = batch;
    const first = isBeginning ? countKnown(table) : 0;
    isBeginning = first === table.nRows;
    if (first === 0) return batch;
    if (isBeginning) return null;
    const rows = Int32Array.from({ length: table.nRows - first }, (_, i) => first + i);
    const hash = sha256(`${batch.sha256} from ${first}`);
    return { ...batch, sha256: hash, table: takeTableRows(table, rows) };
  };
}
