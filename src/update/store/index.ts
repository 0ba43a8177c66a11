export {
  appendRows,
  type LawChange,
  prepareRows,
  type RowBatch,
  settleRows,
} from "./append-rows.ts";
export { type Forgotten, forgetRows, type RowKey, rowMatcher } from "./forget-rows.ts";
export { corruptStore, type Moves, type StoreState } from "./journal.ts";
export { createMemoryRows, joinTables, type MemoryRows, takeTable } from "./memory-rows.ts";
export { moveRows, movesOf } from "./moves.ts";
export type { OldRows } from "./old-rows.ts";
export { readRegime, readTraining, trainingTable } from "./read-rows.ts";
export {
  countRows,
  countTraining,
  createStore,
  openStore,
  type RowStore,
  removeLeftovers,
  removeStore,
  storeFolder,
} from "./row-store.ts";
export { lineOf, linesOf, type StoredRow, tableOf } from "./rows.ts";
