export { appendRows, type LawChange, type RowBatch } from "./append-rows.ts";
export { type Forgotten, forgetRows, type RowKey, rowMatcher } from "./forget-rows.ts";
export { corruptStore, type StoreState } from "./journal.ts";
export { createMemoryRows, joinTables, type MemoryRows, takeTable } from "./memory-rows.ts";
export { moveRows } from "./moves.ts";
export type { OldRows } from "./old-rows.ts";
export { readRegime, readTraining, trainingTable } from "./read-rows.ts";
export {
  countRows,
  countTraining,
  createStore,
  openStore,
  type RowStore,
  storeFolder,
} from "./row-store.ts";
export { type StoredRow, tableOf } from "./rows.ts";
