export { canExtend } from "./can-extend.ts";
export { type Learnt, learn } from "./learn.ts";
export { learnAnew } from "./learn-anew.ts";
export { type ClippedExpert, errorsOn, type Learning, type Lesson } from "./lesson.ts";
