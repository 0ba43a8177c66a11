/** Removing rows from a store, so that no file holds them any more. */
import { BailiwickError } from "../../shared/errors.ts";
import { syncFolder } from "../../shared/files.ts";
import { noneMoved } from "./moves.ts";
import { readRegime } from "./read-rows.ts";
import { countRows, type RowStore } from "./row-store.ts";
import { lineOf, type StoredRow } from "./rows.ts";
import { appendLines } from "./shard-files.ts";
import type { Shard, StoreState } from "./state.ts";

/** A column, and the text of its cells as it stood in the file. */
export interface RowKey {
  readonly column: string;
  readonly value: string;
}

/** From here on, doubles are not all the whole numbers. */
const EXACT_BELOW = 2 ** 53;

/**
 * Whether a row has the key. Texts are compared: 01234 is another key than 1234.
 *
 * @throws COLUMN_MISSING; COLUMN_TYPE if the column's numbers may have been rounded, or if a cell
 *   equals the key as a number and its text was not kept: rows of other keys could be meant.
 */
export function rowMatcher({ state }: RowStore, key: RowKey): (row: StoredRow) => boolean {
  const c = state.columns.findIndex(({ name }) => name === key.column);
  if (c < 0) {
    const message = `column "${key.column}" must exist in the store`;
    throw new BailiwickError("COLUMN_MISSING", message, { column: key.column });
  }
  if (state.rounded.includes(key.column)) throw sameKeys(key);
  const wanted = key.value.trim();
  return ({ cells }) => {
    const cell = cells[c];
    if (typeof cell !== "number") return cell === wanted;
    const isExact = state.hasTexts && Math.abs(cell) < EXACT_BELOW;
    if (!isExact && cell === Number(wanted)) throw sameKeys(key);
    return String(cell) === wanted;
  };
}

function sameKeys({ column, value }: RowKey): BailiwickError {
  const message =
    `the cells of column "${column}" must be kept as texts to find "${value}", they were kept as ` +
    "numbers, of which different keys are equal; fit again with --keep-rows, or use another column";
  return new BailiwickError("COLUMN_TYPE", message, { column });
}

/**
 * The store without some rows, to be noted in the journal: files that held any are written again
 * beside the old ones, and every moved row gets to its regime's file. Cost: reads all rows.
 *
 * @throws WRITE_FAILED; the store is as it was.
 */
export async function writeWithout(
  store: RowStore,
  isMeant: (row: StoredRow) => boolean,
): Promise<StoreState> {
  const { folder, state } = store;
  const shards: Shard[] = [];
  for (const k of countRows(store).keys()) {
    const rows = await readRegime(store, k);
    const left = rows.filter((row) => !isMeant(row));
    const shard = state.shards[k];
    const isSame = left.length === rows.length && shard?.nRows === rows.length;
    shards.push(isSame && noneMoved(state, k) ? shard : await rewrite(folder, shard, k, left));
  }
  await syncFolder(folder);
  return { ...state, shards, moves: [] };
}

/** A file of the next generation, so that the old one holds until the journal says otherwise. */
async function rewrite(
  folder: string,
  shard: Shard | undefined,
  k: number,
  rows: readonly StoredRow[],
): Promise<Shard> {
  const generation = Number(/-(\d+)/.exec(shard?.file ?? "-0")![1]);
  const file = `${k}-${generation + 1}.jsonl`;
  const [outdated, others] = [
    rows.filter((row) => row.isOutdated),
    rows.filter((row) => !row.isOutdated),
  ];
  const ordered = [...outdated, ...others];
  const lines = ordered.map(({ cells }) => lineOf(cells)).join("");
  const nOutdated = outdated.length === 0 ? {} : { nOutdated: outdated.length };
  return appendLines(folder, { file, bytes: 0, nRows: 0, ...nOutdated }, lines, rows.length);
}
