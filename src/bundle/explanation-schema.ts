/** The schema of an explanation in a manifest: complete cards, and novelty as a blob. */
import * as v from "valibot";
import type { MemberExplanation, RegimeCard } from "../explain/index.ts";
import { count, finite, hash, list, notNegative, share, text as textOf } from "./fields.ts";

/** The fields of a card that the expert's entry does not have. */
export interface ExplanationEntry
  extends Pick<RegimeCard, "nRows" | "boundaryShare" | "rule" | "effects"> {
  /** The SHA-256 of the blob with the expert's novelty parameters. */
  readonly noveltyBlob: string;
}

const MAX_TEXT = 10_000;
const MAX_LEVELS = 1000;
const MAX_CONDITIONS = 16;
const MAX_EFFECTS = 64;
const MAX_VALUES = 1000;

const text = textOf(MAX_TEXT);

const conditionSchema = v.variant("kind", [
  v.pipe(
    v.strictObject({
      kind: v.literal("range"),
      feature: text,
      from: v.nullable(finite),
      to: v.nullable(finite),
      orMissing: v.boolean(),
    }),
    v.check(({ from, to }) => from !== null || to !== null, "must have a bound"),
  ),
  v.strictObject({ kind: v.literal("missing"), feature: text, missing: v.boolean() }),
  v.strictObject({
    kind: v.literal("levels"),
    feature: text,
    levels: list(v.nullable(text), MAX_LEVELS, 1),
    among: v.boolean(),
  }),
]);

const effectSchema = v.pipe(
  v.strictObject({
    feature: text,
    importance: notNegative,
    values: v.union([list(finite, MAX_VALUES, 1), list(text, MAX_VALUES, 1)]),
    answers: list(finite, MAX_VALUES),
  }),
  v.check(({ values, answers }) => values.length === answers.length, "must have an answer a value"),
);

export const explanationEntrySchema: v.GenericSchema<ExplanationEntry> = v.strictObject({
  nRows: count,
  boundaryShare: share,
  rule: v.nullable(
    v.strictObject({
      alternatives: list(list(conditionSchema, MAX_CONDITIONS, 1), MAX_CONDITIONS, 1),
      purity: share,
      coverage: share,
    }),
  ),
  effects: list(effectSchema, MAX_EFFECTS),
  noveltyBlob: hash,
});

export const boundaryMarginSchema: v.GenericSchema<MemberExplanation["boundaryMargin"]> = share;
