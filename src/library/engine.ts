/**
 * What experts need beside the library: engines, executors, options, fits without a preset, and
 * predictions by an engine of one's own. Exported as `bailiwick/engine`.
 */
export { type SelectedTarget, selectTarget, type Table } from "../data/index.ts";
export {
  createReferenceEngine,
  createTfjsEngine,
  createWasmEngine,
  type Engine,
} from "../experts/index.ts";
export { createNovelty } from "../explain/index.ts";
export {
  createInlineExecutor,
  createIntervals,
  createRowPredictor,
  DEFAULT_COMMITTEE,
  type Executor,
  fitCommitteeModel,
  fitJudgedCommittee,
  fitJudgedModel,
  fitModel,
  PRESETS,
  predict as predictTable,
} from "../mixture/index.ts";
export { describeFit } from "./regressor.ts";
