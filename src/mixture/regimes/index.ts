export type { RegimeFold } from "./cross-fit.ts";
export { fitRegimes, type SingleNet } from "./fit.ts";
export { growRegimes, planRegimes, type RegimePlan } from "./member.ts";
export { meter } from "./metered.ts";
export { judgeRegimeFolds } from "./rivals.ts";
