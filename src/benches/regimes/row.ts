/** A finished set and seed, as a line of a file keeps it. */
import { z } from "zod";
import { VERDICTS } from "../../mixture/index.ts";
import { parseFinished } from "../finished.ts";
import type { AccurateOutcome } from "./accurate.ts";
import type { FitOutcome } from "./fit.ts";
import type { MemberRow } from "./member.ts";
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

const memberSchema = accurateSchema.extend({
  set: z.string(),
  nTrain: count,
}) satisfies z.ZodType<MemberRow>;

/** @param line - One line of members.jsonl. @throws CONFIG_INVALID if it is not a finished set. */
export function parseMemberRow(line: string): MemberRow {
  return parseFinished(memberSchema, line, "a line of members.jsonl");
}

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

const resultSchema = z.object({
  versions: z.record(z.string(), z.string()),
  measurements: z.object({ rows: z.array(rowSchema) }),
});

/**
 * What peers answered in an earlier result; those that failed may be asked again.
 *
 * @param text - Of result.json. @throws CONFIG_INVALID if it is not a result of this bench.
 */
export function parseResultAnswers(text: string): readonly KeptAnswer[] {
  const { versions, measurements } = parseFinished(resultSchema, text, "result.json of the bench");
  return measurements.rows.flatMap(({ set, seed, nRows, peers }) =>
    peers
      .filter((outcome) => !("failed" in outcome))
      .map((outcome) => ({ set, seed, nRows, versions, outcome })),
  );
}
