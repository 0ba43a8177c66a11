export type { RemotePrediction } from "./predict.ts";
export { createRouter, type Router, type RouterOptions, type Telemetry } from "./router.ts";
export {
  type ModelRecord,
  modelKey,
  parseModel,
  publishExperts,
  type ServedExpert,
  sizesOf,
} from "./served-model.ts";
export {
  HOMES_KEY,
  type Homes,
  parseHomes,
  type SeenNode,
  SILENT_MS,
  type Table,
  watchTable,
} from "./table.ts";
