export { renderAccuracyReport } from "./accuracy-report.ts";
export { METHOD_NAMES } from "./names.ts";
export { renderReport } from "./report.ts";
