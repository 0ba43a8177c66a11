/** Rows of an update's version go to the store: new ones are added, old ones move with the gate. */
import type { Table } from "../../data/index.ts";
import type { Engine } from "../../experts/index.ts";
import { type Model, predict } from "../../mixture/index.ts";
import {
  type Journal,
  type LawChange,
  type LearningVersion,
  type Moves,
  movesOf,
  prepareRows,
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

/** What the new version does with the rows, and what it is called. */
export interface NextVersion extends Omit<LearningVersion, "moves"> {
  readonly before: Model;
  readonly after: Model;
  /** Experts of the first member that are others now, or whose scores are. */
  readonly affected: readonly number[];
}

/**
 * Prepares the rows of a version that is about to be written: new ones, and the places of old ones
 * that it sends to another regime.
 */
export async function prepareStore(
  engine: Engine,
  store: RowStore,
  { before, after, digest, version, affected }: NextVersion,
  rows: LearntRows,
): Promise<Journal> {
  const isRegated = before.members[0]!.mixture.gate !== after.members[0]!.mixture.gate;
  const moves = isRegated ? await movesFrom(engine, store, after, affected) : [];
  return prepareRows(store, rows, { digest, version, moves });
}

/** Old rows of experts whose scores have changed go where the new model sends them. */
async function movesFrom(
  engine: Engine,
  store: RowStore,
  after: Model,
  affected: readonly number[],
): Promise<readonly Moves[]> {
  const moves: Moves[] = [];
  for (const k of affected) {
    const rows = (await readRegime(store, k)).filter(({ isOutdated }) => !isOutdated);
    if (rows.length === 0) continue;
    const { routes } = predict(engine, after, tableOf(store.state, rows));
    const { experts } = routes[0]!;
    for (const to of new Set(experts)) {
      const leaving = rows.filter((_, i) => experts[i] === to && to !== k);
      if (leaving.length > 0) moves.push(movesOf(leaving, to));
    }
  }
  return moves;
}
