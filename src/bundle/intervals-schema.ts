/** The schema of a calibration in a manifest: numbers of errors, and blobs with their sizes. */
import * as v from "valibot";
import { count, hash, list, whole } from "./fields.ts";

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

const quantilesSchema = v.strictObject({
  nErrors: whole(1, MAX_ERRORS),
  blob: hash,
});

export const intervalsSchema: v.GenericSchema<IntervalsEntry> = v.strictObject({
  member: count,
  pooled: quantilesSchema,
  regimes: list(v.nullable(quantilesSchema), MAX_REGIMES, 1),
});
