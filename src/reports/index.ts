export { renderAccuracyReport } from "./accuracy-report.ts";
export { methodNames, ownName } from "./names.ts";
export { renderReport } from "./report.ts";
