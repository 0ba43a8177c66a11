export {
  type Directory,
  HOMES_KEY,
  type Homes,
  parseHomes,
  type SeenNode,
  watchDirectory,
} from "./directory.ts";
export { createRouter, type Router, type RouterOptions } from "./router.ts";
export {
  type ModelRecord,
  modelKey,
  parseModel,
  type ServedExpert,
  sizesOf,
} from "./served-model.ts";
export { parseTelemetry, type Telemetry } from "./telemetry.ts";
