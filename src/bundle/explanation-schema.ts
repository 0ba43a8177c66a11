/** The schema of an explanation in a manifest: complete cards, and novelty as a blob. */
import { z } from "zod";
import type { MemberExplanation, RegimeCard } from "../explain/index.ts";
import { count, hash, share } from "./fields.ts";

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

const text = z.string().max(MAX_TEXT);

const conditionSchema = z.discriminatedUnion("kind", [
  z
    .strictObject({
      kind: z.literal("range"),
      feature: text,
      from: z.number().nullable(),
      to: z.number().nullable(),
      orMissing: z.boolean(),
    })
    .refine(({ from, to }) => from !== null || to !== null, "must have a bound"),
  z.strictObject({ kind: z.literal("missing"), feature: text, missing: z.boolean() }),
  z.strictObject({
    kind: z.literal("levels"),
    feature: text,
    levels: z.array(text.nullable()).min(1).max(MAX_LEVELS),
    among: z.boolean(),
  }),
]);

const effectSchema = z
  .strictObject({
    feature: text,
    importance: z.number().min(0),
    values: z.union([
      z.array(z.number()).min(1).max(MAX_VALUES),
      z.array(text).min(1).max(MAX_VALUES),
    ]),
    answers: z.array(z.number()).max(MAX_VALUES),
  })
  .refine(({ values, answers }) => values.length === answers.length, "must have an answer a value");

export const explanationEntrySchema: z.ZodType<ExplanationEntry> = z.strictObject({
  nRows: count,
  boundaryShare: share,
  rule: z
    .strictObject({
      alternatives: z
        .array(z.array(conditionSchema).min(1).max(MAX_CONDITIONS))
        .min(1)
        .max(MAX_CONDITIONS),
      purity: share,
      coverage: share,
    })
    .nullable(),
  effects: z.array(effectSchema).max(MAX_EFFECTS),
  noveltyBlob: hash,
});

export const boundaryMarginSchema: z.ZodType<MemberExplanation["boundaryMargin"]> = share;
