export { committeeEvidence, mixtureEvidence } from "./evidence.ts";
export {
  type Evidence,
  type Expectation,
  expectErrors,
  type HeldOutAnswers,
  onNewRows,
  type RivalErrors,
  type Standing,
} from "./expectation.ts";
export { expectationInWords } from "./words.ts";
