/**
 * The library: fit a table, predict rows, save, load, update. Everything has a default; a program
 * ends by itself. What an expert may want beyond it is in `bailiwick/engine`.
 */
export { type ExperimentInput, type RunOutcome, runExperiment } from "./experiments/index.ts";
export {
  evaluate,
  explain,
  explainRows,
  exportModel,
  fit,
  forget,
  load,
  openTable,
  planUpdate,
  predict,
  predictIntervals,
  rollback,
  save,
  update,
} from "./library/index.ts";
export { BailiwickError, ERROR_CODES, type ErrorCode, type ErrorDetails } from "./shared/errors.ts";
