/** A finished set and seed, as a line of a file keeps it. */
import { z } from "zod";
import { VERDICTS } from "../../mixture/index.ts";
import { parseFinished } from "../finished.ts";
import type { AccurateOutcome } from "./accurate.ts";
import type { FitOutcome } from "./fit.ts";
import type { KeptAnswer, PeerOutcome } from "./peers.ts";
import type { RegimeRow } from "./summary.ts";

const count = z.int().nonnegative();
const figure = z.number().nullable();

const fitSchema = z.object({
  ari: figure,
  nRegimes: count,
  errors: z.object({ all: z.number(), near: figure, away: figure, nearShare: z.number() }),
  bandShare: z.number().optional(),
  verdict: z.enum(VERDICTS).nullable(),
  wallSeconds: z.number(),
  cpuSeconds: z.number(),
  thresholds: z.array(z.number()),
}) satisfies z.ZodType<FitOutcome>;

const peerSchema = z.union([
  z.object({ name: z.string(), ari: figure, error: z.number(), cpuSeconds: z.number() }),
  z.object({ name: z.string(), failed: z.string() }),
]) satisfies z.ZodType<PeerOutcome>;

const accurateSchema = z.object({
  error: z.number(),
  withRegimes: z.number(),
  weight: z.number(),
  cpuSeconds: z.number(),
}) satisfies z.ZodType<AccurateOutcome>;

const rowSchema = z.object({
  set: z.string(),
  seed: z.int(),
  nRows: count,
  nTrain: count,
  nTest: count,
  trueRegimes: count.nullable(),
  clean: fitSchema,
  corrupted: fitSchema.nullable(),
  peers: z.array(peerSchema),
  accurate: accurateSchema.nullish(),
}) satisfies z.ZodType<RegimeRow>;

/** @param line - One line of rows.jsonl. @throws CONFIG_INVALID if it is not a finished row. */
export function parseRegimeRow(line: string): RegimeRow {
  return parseFinished(rowSchema, line, "a line of rows.jsonl");
}

const answerSchema = z.object({
  set: z.string(),
  seed: z.int(),
  nRows: count,
  versions: z.record(z.string(), z.string()),
  outcome: peerSchema,
}) satisfies z.ZodType<KeptAnswer>;

/** @param line - One line of peers.jsonl. @throws CONFIG_INVALID if it is not a peer's answer. */
export function parseKeptAnswer(line: string): KeptAnswer {
  return parseFinished(answerSchema, line, "a line of peers.jsonl");
}
