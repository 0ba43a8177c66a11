/** Rows whose regime has changed stay where they lie; the journal says where they belong. */
import { appendRecord, type Moves, type StoreState } from "./journal.ts";
import type { RowStore } from "./row-store.ts";
import type { StoredRow } from "./rows.ts";

/** Notes that rows are another regime's now. */
export async function moveRows(
  { folder, state }: RowStore,
  rows: readonly StoredRow[],
  to: number,
): Promise<RowStore> {
  if (rows.length === 0) return { folder, state };
  const places = rows.map(({ regime, offset, bytes }): [number, number, number] => {
    return [regime, offset, bytes];
  });
  const moves: Moves = { to, rows: places };
  await appendRecord(folder, { record: "moves", to, rows: places });
  return { folder, state: { ...state, moves: [...state.moves, moves] } };
}

/** Whether no row has come to regime k's file from another or left it. */
export function noneMoved({ moves }: StoreState, k: number): boolean {
  return moves.every(({ to, rows }) => to !== k && rows.every(([from]) => from !== k));
}
