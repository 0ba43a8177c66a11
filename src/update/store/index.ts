export type { StoreState } from "./journal.ts";
export {
  appendRows,
  countRows,
  countTraining,
  createStore,
  type Forgotten,
  forgetRows,
  type LawChange,
  moveRows,
  openStore,
  type RowKey,
  type RowStore,
  readRegime,
  readTraining,
  rowMatcher,
  storeFolder,
  trainingTable,
} from "./row-store.ts";
export { type StoredRow, tableOf } from "./rows.ts";
