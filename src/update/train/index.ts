export type { Draft, DraftExpert } from "./draft.ts";
export type { Learning } from "./expert/index.ts";
export { learnWithout } from "./learn-without.ts";
export { createReader, type OldRowReader } from "./old-rows.ts";
export type { HeldOutErrors, Outcome, Verified } from "./outcome.ts";
export { type TrainedMember, trainMember } from "./train-member.ts";
