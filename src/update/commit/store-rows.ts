/** Rows go to the store after an update: new ones are added, old ones move with the gate. */
import type { Table } from "../../data/index.ts";
import type { Engine } from "../../experts/index.ts";
import { type Model, predict } from "../../mixture/index.ts";
import {
  appendRows,
  type LawChange,
  moveRows,
  type RowStore,
  readRegime,
  tableOf,
} from "../store/index.ts";

/** New rows and what the update has made of them. */
export interface LearntRows {
  /** With every column of the store. */
  readonly table: Table;
  readonly sha256: string;
  /** The regime of each row by the new model. */
  readonly regimes: ArrayLike<number>;
  readonly laws: readonly LawChange[];
}

/** @param affected - Experts of the first member that are others now, or whose scores are. */
export async function storeRows(
  engine: Engine,
  store: RowStore,
  { before, after, affected }: { before: Model; after: Model; affected: readonly number[] },
  rows: LearntRows,
): Promise<RowStore> {
  const isRegated = before.members[0]!.mixture.gate !== after.members[0]!.mixture.gate;
  const moved = isRegated ? await moveStored(engine, store, after, affected) : store;
  return appendRows(moved, rows);
}

/** Old rows of experts whose scores have changed go where the new model sends them. */
async function moveStored(
  engine: Engine,
  store: RowStore,
  after: Model,
  affected: readonly number[],
): Promise<RowStore> {
  let moved = store;
  for (const k of affected) {
    const rows = (await readRegime(moved, k)).filter(({ isOutdated }) => !isOutdated);
    if (rows.length === 0) continue;
    const { routes } = predict(engine, after, tableOf(moved.state, rows));
    const { experts } = routes[0]!;
    for (const to of new Set(experts)) {
      const leaving = rows.filter((_, i) => experts[i] === to && to !== k);
      moved = await moveRows(moved, leaving, to);
    }
  }
  return moved;
}
