/** A finished split, and how it is read back from a file. */
import { z } from "zod";
import type { NetSettings } from "../../mixture/index.ts";
import { parseFinished } from "../finished.ts";
import type { Coverage } from "./coverage.ts";
import type { PeerFigures } from "./peers.ts";

/** One line of splits.jsonl; `mse` holds our methods and the baselines. */
export interface AccuracyRow extends PeerFigures {
  /** What the row was run with: see `runOf`. */
  readonly run: string;
  readonly set: string;
  readonly sha256: string;
  readonly split: number;
  readonly nTrain: number;
  readonly nTest: number;
  /** Of the single net. */
  readonly hidden: readonly number[];
  readonly settings: NetSettings;
  readonly equalCostSize: number;
  /** Of the committee of networks only, and of all families. */
  readonly weights: Readonly<Record<"nn" | "all", Readonly<Record<string, number>>>>;
  readonly coverage: Coverage;
  readonly seconds: number;
}

const count = z.int().nonnegative();
const numbers = z.record(z.string(), z.number());
const texts = z.record(z.string(), z.string());

/** What peers answered on a split, in a row of a file. */
export const peerFiguresSchema = z.object({
  mse: numbers,
  peerCpuMs: numbers,
  failed: texts,
  versions: texts,
}) satisfies z.ZodType<PeerFigures>;

const rowSchema = peerFiguresSchema.extend({
  run: z.string(),
  set: z.string(),
  sha256: z.string(),
  split: count,
  nTrain: count,
  nTest: count,
  hidden: z.array(count),
  settings: z.object({ steps: count, learningRate: z.number(), weightDecay: z.number() }),
  equalCostSize: count,
  weights: z.object({ nn: numbers, all: numbers }),
  coverage: z.object({
    level: z.number(),
    regimes: z.array(z.object({ nRows: count, nCovered: count, nHeldOut: count })),
    meanWidth: z.number(),
    pooledWidth: z.number(),
  }),
  seconds: z.number(),
}) satisfies z.ZodType<AccuracyRow>;
const resultSchema = z.object({ measurements: z.object({ rows: z.array(rowSchema) }) });

/** @param line - One line of splits.jsonl. @throws CONFIG_INVALID if it is not a finished split. */
export function parseRow(line: string): AccuracyRow {
  return parseFinished(rowSchema, line, "a line of splits.jsonl");
}

/** @param text - A result.json of `bench accuracy`. @throws CONFIG_INVALID if it is not one. */
export function parseResultRows(text: string): readonly AccuracyRow[] {
  return parseFinished(resultSchema, text, "result.json of bench accuracy").measurements.rows;
}
