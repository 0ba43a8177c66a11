/** The schema of a calibration in a manifest: numbers of errors, and blobs with their sizes. */
import { z } from "zod";
import { count, hash } from "./fields.ts";

/** The errors of one regime, or of all regimes. */
export interface QuantilesEntry {
  readonly nErrors: number;
  /** SHA-256 of the blob with the sizes. */
  readonly blob: string;
}

export interface IntervalsEntry {
  /** The member whose routing defines the regimes. */
  readonly member: number;
  readonly pooled: QuantilesEntry;
  /** One entry per expert of the member; null where the pooled errors are used. */
  readonly regimes: readonly (QuantilesEntry | null)[];
}

const MAX_ERRORS = 1_000_000_000;
const MAX_REGIMES = 256;

const quantilesSchema = z.strictObject({
  nErrors: z.int().min(1).max(MAX_ERRORS),
  blob: hash,
});

export const intervalsSchema: z.ZodType<IntervalsEntry> = z.strictObject({
  member: count,
  pooled: quantilesSchema,
  regimes: z.array(quantilesSchema.nullable()).min(1).max(MAX_REGIMES),
});
