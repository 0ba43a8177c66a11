/** Reads the rows of a regime from all of its files. */
import { join } from "node:path";
import { selectTarget } from "../../data/index.ts";
import type { TrainingTable } from "../../mixture/index.ts";
import { JOURNAL } from "./journal.ts";
import type { RowStore } from "./row-store.ts";
import { parseLines, type StoredRow, tableOf } from "./rows.ts";
import { readBytes } from "./shard-files.ts";
import { corruptStore, latestMoves, type Place, type Shard } from "./state.ts";

/** The rows of one regime, oldest first as far as they lie in its own file. */
export async function readRegime(store: RowStore, regime: number): Promise<readonly StoredRow[]> {
  const moved = latestMoves(store.state);
  const shard = store.state.shards[regime];
  const stored = shard === undefined ? [] : await readShard(store.folder, shard, regime);
  const staying = stored.filter(
    ({ offset }) => (moved.get(`${regime}:${offset}`) ?? regime) === regime,
  );
  const arrived: StoredRow[] = [];
  for (const { rows } of store.state.moves) {
    for (const [from, offset, bytes] of rows) {
      const key = `${from}:${offset}`;
      if (from === regime || moved.get(key) !== regime) continue;
      moved.delete(key);
      arrived.push(...(await readPlace(store, [from, offset, bytes])));
    }
  }
  return [...arrived, ...staying];
}

/** A regime's rows as they are trained on; null without any. */
export async function readTraining(store: RowStore, regime: number): Promise<TrainingTable | null> {
  return trainingTable(store, await readRegime(store, regime));
}

/** Stored rows as they are trained on, without outdated ones; null without any. */
export function trainingTable(
  { state }: Pick<RowStore, "state">,
  rows: readonly StoredRow[],
): TrainingTable | null {
  const left = rows.filter(({ isOutdated }) => !isOutdated);
  if (left.length === 0) return null;
  return selectTarget(tableOf(state, left), state.target, { minRows: 1, allowConstant: true });
}

async function readShard(
  folder: string,
  { file, bytes, nRows, nOutdated = 0 }: Shard,
  regime: number,
): Promise<readonly StoredRow[]> {
  const rows = parseLines(await readBytes(join(folder, file), 0, bytes), { regime, nOutdated });
  if (rows.length === nRows) return rows;
  throw corruptStore(`${file}: must have ${nRows} rows, got ${rows.length}`);
}

async function readPlace(
  { folder, state }: RowStore,
  [from, offset, bytes]: Place,
): Promise<readonly StoredRow[]> {
  const shard = state.shards[from];
  if (shard === undefined) throw corruptStore(`${JOURNAL}: moves a row of no shard`);
  const lines = await readBytes(join(folder, shard.file), offset, bytes);
  return parseLines(lines, { regime: from, start: offset });
}
