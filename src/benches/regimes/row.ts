/** A finished set and seed, as a line of a file keeps it. */
import { z } from "zod";
import { parseFinished } from "../finished.ts";
import type { FitOutcome } from "./fit.ts";
import type { PeerOutcome } from "./peers.ts";
import type { RegimeRow } from "./summary.ts";

const count = z.int().nonnegative();
const figure = z.number().nullable();

const fitSchema = z.object({
  ari: figure,
  nRegimes: count,
  errors: z.object({ all: z.number(), near: figure, away: figure, nearShare: z.number() }),
  verdict: z.enum(["worth it", "not worth it"]).nullable(),
  wallSeconds: z.number(),
  cpuSeconds: z.number(),
  thresholds: z.array(z.number()),
}) satisfies z.ZodType<FitOutcome>;

const peerSchema = z.union([
  z.object({ name: z.string(), ari: z.number(), error: z.number(), cpuSeconds: z.number() }),
  z.object({ name: z.string(), failed: z.string() }),
]) satisfies z.ZodType<PeerOutcome>;

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
}) satisfies z.ZodType<RegimeRow>;

/** @param line - One line of rows.jsonl. @throws CONFIG_INVALID if it is not a finished row. */
export function parseRegimeRow(line: string): RegimeRow {
  return parseFinished(rowSchema, line, "a line of rows.jsonl");
}
