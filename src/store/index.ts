export type { StoreState } from "./journal.ts";
export {
  appendRows,
  countRows,
  createStore,
  type Forgotten,
  forgetRows,
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
