/**
 * Converts a calibration to part of a manifest and blobs, and back.
 *
 *   errors of a regime, or of all     sizes F64 [min(nErrors, 2000)]
 *
 * One blob per regime, so that regimes that an update does not change keep their files.
 */
import { type Calibration, type ErrorQuantiles, MAX_QUANTILES } from "../mixture/index.ts";
import { check } from "./corrupt.ts";
import type { IntervalsEntry, QuantilesEntry } from "./intervals-schema.ts";
import { blobFile } from "./layout.ts";
import type { Tensors } from "./safetensors.ts";
import type { Manifest } from "./schema.ts";
import { createSource } from "./tensor-source.ts";

/** @param addBlob - Stores a blob and returns its hash. */
export function describeIntervals(
  { member, pooled, regimes }: Calibration,
  addBlob: (tensors: Tensors) => string,
): IntervalsEntry {
  const describe = ({ nErrors, sizes }: ErrorQuantiles): QuantilesEntry => {
    const blob = addBlob(
      new Map([["sizes", { dtype: "F64", shape: [sizes.length], values: sizes }]]),
    );
    return { nErrors, blob };
  };
  return {
    member,
    pooled: describe(pooled),
    regimes: regimes.map((sizes) => (sizes === null ? null : describe(sizes))),
  };
}

/**
 * @param file - How messages call the manifest.
 * @throws BUNDLE_CORRUPT naming the file that does not fit: the manifest or a blob.
 */
export function assembleIntervals(
  { member, pooled, regimes }: IntervalsEntry,
  members: Manifest["members"],
  file: string,
  tensorsOf: (hash: string) => Tensors,
): Calibration {
  const nMembers = members.length;
  check(member < nMembers, file, `intervals.member must be below ${nMembers}, got ${member}`);
  const nExperts = members[member]!.experts.length;
  const nRegimes = regimes.length;
  check(nRegimes === nExperts, file, `intervals must be of ${nExperts} regimes, got ${nRegimes}`);
  const read = (entry: QuantilesEntry): ErrorQuantiles => quantilesOf(entry, tensorsOf(entry.blob));
  return {
    member,
    pooled: read(pooled),
    regimes: regimes.map((entry) => (entry === null ? null : read(entry))),
  };
}

function quantilesOf({ nErrors, blob }: QuantilesEntry, tensors: Tensors): ErrorQuantiles {
  const file = blobFile(blob);
  const source = createSource(tensors, file);
  const sizes = source.f64("sizes", [Math.min(nErrors, MAX_QUANTILES)]);
  source.end();
  check(sizes[0]! >= 0, file, "tensor sizes must not be negative");
  const isAscending = sizes.every((size, j) => j === 0 || size >= sizes[j - 1]!);
  check(isAscending, file, "tensor sizes must ascend");
  return { nErrors, sizes };
}
