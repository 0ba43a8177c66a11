/** Rows whose regime has changed stay where they lie; the journal says where they belong. */
import { appendFact } from "./journal.ts";
import type { RowStore } from "./row-store.ts";
import type { StoredRow } from "./rows.ts";
import type { Moves, StoreState } from "./state.ts";

/** Notes that rows are another regime's now. */
export async function moveRows(
  store: RowStore,
  rows: readonly StoredRow[],
  to: number,
): Promise<RowStore> {
  if (rows.length === 0) return store;
  const { folder, state } = store;
  const fact = { record: "moves" as const, ...movesOf(rows, to) };
  const journal = await appendFact(folder, { state, pending: null }, fact);
  return { folder, state: journal.state! };
}

export function movesOf(rows: readonly StoredRow[], to: number): Moves {
  return { to, rows: rows.map(({ regime, offset, bytes }) => [regime, offset, bytes] as const) };
}

/** Whether no row has come to regime k's file from another or left it. */
export function noneMoved({ moves }: StoreState, k: number): boolean {
  return moves.every(({ to, rows }) => to !== k && rows.every(([from]) => from !== k));
}
