export { decideMember } from "./decide-member.ts";
export type { Action, Decision } from "./decision.ts";
export { DEFAULT_DECIDE, type DecideOptions, type Situation } from "./situation.ts";
export { preferWholeFit } from "./whole-fit.ts";
