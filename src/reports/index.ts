export { methodNames, ownName } from "./names.ts";
export { renderReport } from "./report.ts";
