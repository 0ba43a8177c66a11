/**
 * Training rows kept beside a bundle, where the user asked for it: one append-only file a regime,
 * and a journal that says what counts.
 *
 * A row stays where it was written; if its regime changes, the journal says so. Only forgetting
 * writes files anew, since what is forgotten must be gone. One process may write a store at a time
 * (shared/lock.ts); any number may read it.
 */
import { mkdir, open, readdir, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { selectTarget, type Table } from "../../data/index.ts";
import type { TrainingTable } from "../../mixture/index.ts";
import { BailiwickError, checkLength } from "../../shared/errors.ts";
import { writeError } from "../../shared/files.ts";
import {
  appendRecord,
  corruptStore,
  JOURNAL,
  type Moves,
  type Place,
  readJournal,
  type Shard,
  type StoreState,
  writeState,
} from "./journal.ts";
import { linesOf, parseLines, type StoredRow, tableOf } from "./rows.ts";

export interface RowStore {
  readonly folder: string;
  readonly state: StoreState;
}

/** Where the rows of a bundle are kept. */
export function storeFolder(bundle: string): string {
  return `${bundle.replace(/\/+$/, "")}.store`;
}

/** Makes an empty store in place of any that is there. */
export async function createStore(
  folder: string,
  { columns, target }: Pick<StoreState, "columns" | "target">,
): Promise<RowStore> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw writeError(folder, cause);
  }
  const state: StoreState = { columns, target, shards: [], moves: [], batches: [] };
  await writeState(folder, state);
  await removeOthers(folder, state);
  return { folder, state };
}

/** @throws STORE_MISSING, STORE_CORRUPT */
export async function openStore(folder: string): Promise<RowStore> {
  return { folder, state: await readJournal(folder) };
}

/** How many rows of each regime there are. */
export function countRows({ state }: RowStore): readonly number[] {
  const counts = state.shards.map(({ nRows }) => nRows);
  for (const [at, to] of latestMoves(state)) {
    const from = Number(at.split(":")[0]);
    counts[from]! -= 1;
    counts[to] = (counts[to] ?? 0) + 1;
  }
  return Array.from(counts, (count) => count ?? 0);
}

/** How many rows of each regime follow the law that its expert knows; moved rows count as such. */
export function countTraining(store: RowStore): readonly number[] {
  return countRows(store).map((nRows, k) => {
    return Math.max(0, nRows - (store.state.shards[k]?.nOutdated ?? 0));
  });
}

/** From where on a regime's rows follow another law. */
export interface LawChange {
  readonly regime: number;
  /** The first row of the batch that does. */
  readonly row: number;
  /** So many stored rows, the last ones, do already. */
  readonly nEarlier: number;
}

/** Rows to be stored. */
export interface RowBatch {
  /** With every column of the store. */
  readonly table: Table;
  /** The regime of each row. Shape (table.nRows,). */
  readonly regimes: ArrayLike<number>;
  readonly sha256: string;
  readonly laws?: readonly LawChange[];
}

/**
 * Adds rows; a batch that is there already, by its sha256, is not added again.
 *
 * @throws COLUMN_MISSING if a column of the store is not in the table; WRITE_FAILED.
 */
export async function appendRows(
  store: RowStore,
  { table, regimes, sha256, laws = [] }: RowBatch,
): Promise<RowStore> {
  checkLength("regimes.length", regimes.length, table.nRows);
  const { folder, state } = store;
  if (state.batches.includes(sha256)) return store;
  for (const { name } of state.columns) {
    if (table.columns.some((column) => column.name === name)) continue;
    throw new BailiwickError("COLUMN_MISSING", `column "${name}" must exist, as in the store`, {
      column: name,
    });
  }
  const nShards = Array.from(regimes).reduce((most, k) => Math.max(most, k + 1), 0);
  const shards: Shard[] = [];
  for (let k = 0; k < Math.max(nShards, state.shards.length); k++) {
    const shard = state.shards[k] ?? { file: `${k}-1.jsonl`, bytes: 0, nRows: 0 };
    const rows = Array.from(regimes).flatMap((regime, i) => (regime === k ? [i] : []));
    const longer = await appendLines(folder, shard, linesOf(state, table, rows), rows.length);
    shards.push(
      outdate(
        longer,
        shard.nRows,
        rows,
        laws.find(({ regime }) => regime === k),
      ),
    );
  }
  await appendRecord(folder, { record: "batch", sha256, shards });
  return { folder, state: { ...state, shards, batches: [...state.batches, sha256] } };
}

/** The shard with those rows outdated that come before a change of law. */
function outdate(
  shard: Shard,
  nStored: number,
  rows: readonly number[],
  law: LawChange | undefined,
): Shard {
  if (law === undefined) return shard;
  const nBefore = rows.filter((i) => i < law.row).length;
  return { ...shard, nOutdated: Math.max(0, nStored + nBefore - law.nEarlier) };
}

/** After what counts of the file; what a killed writer left beyond is cut off. */
async function appendLines(
  folder: string,
  shard: Shard,
  lines: string,
  nRows: number,
): Promise<Shard> {
  if (nRows === 0 && shard.bytes > 0) return shard;
  const path = join(folder, shard.file);
  try {
    const file = await open(path, "a");
    try {
      await truncate(path, shard.bytes);
      await file.writeFile(lines);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw writeError(path, cause);
  }
  const bytes = shard.bytes + Buffer.byteLength(lines);
  return { ...shard, bytes, nRows: shard.nRows + nRows };
}

/** The rows of one regime, oldest first as far as they lie in its own file. */
export async function readRegime(store: RowStore, regime: number): Promise<readonly StoredRow[]> {
  const moved = latestMoves(store.state);
  const shard = store.state.shards[regime];
  const own = shard === undefined ? [] : await readShard(store.folder, shard, regime);
  const staying = own.filter(
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

/** Where each row that was ever moved is now, by its place. */
function latestMoves({ moves }: StoreState): Map<string, number> {
  const latest = new Map<string, number>();
  for (const { to, rows } of moves) {
    for (const [from, offset] of rows) latest.set(`${from}:${offset}`, to);
  }
  return latest;
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

async function readBytes(path: string, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let found = 0;
  try {
    const file = await open(path, "r");
    try {
      found = (await file.read(buffer, 0, length, offset)).bytesRead;
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw corruptStore(`${path}: must be readable`, cause);
  }
  if (found < length) throw corruptStore(`${path}: must have ${offset + length} bytes, it is cut`);
  return buffer;
}

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

/** A column and what its cell reads as. */
export interface RowKey {
  readonly column: string;
  readonly value: string;
}

/** Whether a row has the key. @throws COLUMN_MISSING */
export function rowMatcher({ state }: RowStore, key: RowKey): (row: StoredRow) => boolean {
  const c = state.columns.findIndex(({ name }) => name === key.column);
  if (c < 0) {
    const message = `column "${key.column}" must exist in the store`;
    throw new BailiwickError("COLUMN_MISSING", message, { column: key.column });
  }
  return ({ cells }) => {
    const cell = cells[c];
    if (cell === null || cell === undefined) return false;
    return typeof cell === "number" ? cell === Number(key.value) : cell === key.value;
  };
}

export interface Forgotten {
  readonly store: RowStore;
  /** Rows that are gone, of each regime. */
  readonly counts: readonly number[];
  /** Them, as they were. */
  readonly rows: Table;
}

/**
 * Removes the rows whose cell in a column reads as `value`: files that held any are written anew
 * without them, and every moved row gets to its regime's file. Cost: reads all rows.
 *
 * @throws COLUMN_MISSING, WRITE_FAILED; a store that was left in the middle is the old one.
 */
export async function forgetRows(store: RowStore, key: RowKey): Promise<Forgotten> {
  const { folder, state } = store;
  const isMeant = rowMatcher(store, key);
  const counts: number[] = [];
  const shards: Shard[] = [];
  const gone: StoredRow[] = [];
  for (const k of countRows(store).keys()) {
    const rows = await readRegime(store, k);
    const meant = rows.filter(isMeant);
    counts.push(meant.length);
    gone.push(...meant);
    const shard = state.shards[k];
    const asIs = meant.length === 0 && shard?.nRows === rows.length && noneMoved(state, k);
    shards.push(
      asIs
        ? shard
        : await rewrite(
            folder,
            shard,
            k,
            rows.filter((row) => !isMeant(row)),
          ),
    );
  }
  const next: StoreState = { ...state, shards, moves: [] };
  if (gone.length > 0) {
    await writeState(folder, next);
    await removeOthers(folder, next);
  }
  const after = gone.length > 0 ? { folder, state: next } : store;
  return { store: after, counts, rows: tableOf(state, gone) };
}

function noneMoved({ moves }: StoreState, k: number): boolean {
  return moves.every(({ to, rows }) => to !== k && rows.every(([from]) => from !== k));
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
  const lines = ordered.map(({ cells }) => `${JSON.stringify(cells)}\n`).join("");
  const nOutdated = outdated.length === 0 ? {} : { nOutdated: outdated.length };
  return appendLines(folder, { file, bytes: 0, nRows: 0, ...nOutdated }, lines, rows.length);
}

/** Shards that the journal does not name: of a store that was replaced, or left by a kill. */
async function removeOthers(folder: string, { shards }: StoreState): Promise<void> {
  const named = new Set(shards.map(({ file }) => file));
  for (const name of await readdir(folder)) {
    const isShard = /^\d+-\d+\.jsonl$/.test(name);
    if (isShard && !named.has(name)) await rm(join(folder, name), { force: true });
  }
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
