export type { RegimeFold } from "./cross-fit.ts";
export { fitRegimes } from "./fit.ts";
export { judgeRegimeFolds } from "./rivals.ts";
