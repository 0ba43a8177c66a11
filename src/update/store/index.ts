export {
  appendRows,
  type LawChange,
  type LearningVersion,
  prepareRows,
  type RowBatch,
} from "./append-rows.ts";
export { type RowKey, rowMatcher, writeWithout } from "./forget-rows.ts";
export { createMemoryRows, joinTables, type MemoryRows, takeTable } from "./memory-rows.ts";
export { moveRows, movesOf } from "./moves.ts";
export type { OldRows } from "./old-rows.ts";
export { readRegime, readTraining, trainingTable } from "./read-rows.ts";
export {
  countRows,
  countTraining,
  openJournal,
  openStore,
  type RowStore,
  storeFolder,
} from "./row-store.ts";
export { lineOf, linesOf, type StoredRow, tableOf } from "./rows.ts";
export { makeStoreFolder, settleJournal, writeNewRows, writeSuccessor } from "./settle.ts";
export { removeOthers } from "./shard-files.ts";
export {
  corruptStore,
  type Journal,
  type Moves,
  type Pending,
  type StoreState,
  settled,
} from "./state.ts";
