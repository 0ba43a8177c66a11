export type { RegimeCandidate } from "./candidates.ts";
export { searchNetCost } from "./cost.ts";
export type { Laws } from "./laws.ts";
export { relabel } from "./refine.ts";
export { type FoundRegimes, type RegimeSearch, searchRegimes } from "./search.ts";
