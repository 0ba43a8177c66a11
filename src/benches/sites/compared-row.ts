/** What was measured of one set and seed, as a line of a file keeps it. */
import { z } from "zod";
import { parseFinished } from "../finished.ts";
import { SPLITS, type SplitName } from "./cases.ts";

export interface ComparedSplit {
  readonly split: SplitName;
  readonly nSites: number;
  /** Test MSE of the fit of sites, all test rows. */
  readonly sites: number;
  /** The candidate that it took. */
  readonly taken: string;
  /** Of the same rows; null where it was not asked. */
  readonly local: number | null;
  readonly fedAvg: number | null;
  readonly ifca: number | null;
}

export interface ComparedRow {
  readonly set: string;
  readonly seed: number;
  readonly nTrain: number;
  readonly nTest: number;
  /** Test MSE of a fit of all rows in one place. */
  readonly central: number;
  readonly splits: readonly ComparedSplit[];
}

const count = z.int().nonnegative();
const figure = z.number().nullable();
const schema = z.object({
  set: z.string(),
  seed: z.int(),
  nTrain: count,
  nTest: count,
  central: z.number(),
  splits: z.array(
    z.object({
      split: z.enum(SPLITS),
      nSites: count,
      sites: z.number(),
      taken: z.string(),
      local: figure,
      fedAvg: figure,
      ifca: figure,
    }),
  ),
}) satisfies z.ZodType<ComparedRow>;

/** @param line - One line of rows.jsonl. @throws CONFIG_INVALID if it is not a finished row. */
export function parseComparedRow(line: string): ComparedRow {
  return parseFinished(schema, line, "a line of rows.jsonl");
}
