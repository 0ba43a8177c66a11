export { committeeEvidence, mixtureEvidence } from "./evidence.ts";
export {
  type Evidence,
  type Expectation,
  expectErrors,
  type HeldOutAnswers,
  type RivalErrors,
  type Standing,
} from "./expectation.ts";
export { expectationInWords } from "./words.ts";
