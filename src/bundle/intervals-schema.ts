/** What a manifest holds of a calibration: how many errors there were, their sizes as blobs. */
import { z } from "zod";
import { count, hash } from "./fields.ts";

/** Of errors, those of one regime or of all. */
export interface QuantilesEntry {
  readonly nErrors: number;
  /** The SHA-256 of the blob with their sizes. */
  readonly blob: string;
}

export interface IntervalsEntry {
  /** The member whose routing tells the regimes. */
  readonly member: number;
  readonly pooled: QuantilesEntry;
  /** One an expert of the member; null where the pooled errors serve. */
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
