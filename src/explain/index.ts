export { gateMargins } from "./boundary.ts";
export {
  type Contributions,
  type Contributor,
  createContributor,
} from "./contributions/index.ts";
export { type Ground, modelEffects } from "./effects.ts";
export { type Explained, explain, explainFit, type FittedRows } from "./explain.ts";
export { type ExpertEvidence, explainExpert } from "./explain-expert.ts";
export type {
  Condition,
  Effect,
  ExpertExplanation,
  Explanation,
  LevelsCondition,
  MemberExplanation,
  MissingCondition,
  NoveltyParameters,
  RangeCondition,
  RegimeCard,
  Rule,
} from "./explanation.ts";
export { type Answered, type Importance, permutationImportance } from "./importance.ts";
export { createNovelty, type NoveltyScorer } from "./novelty-score.ts";
export { explainRows, type RowNotes } from "./rows.ts";
export { describedRows } from "./rule.ts";
export { withoutLevels } from "./without-levels.ts";
export { alternativesInWords, conditionInWords, effectInWords, ruleInWords } from "./words.ts";
