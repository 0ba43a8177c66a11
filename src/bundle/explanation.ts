/**
 * Converts an explanation to parts of a manifest and blobs, and back.
 *
 * A bundle explains every expert of every member, or none: older bundles explain none.
 */
import { matrixWidth } from "../data/index.ts";
import type {
  ExpertExplanation,
  Explanation,
  MemberExplanation,
  NoveltyParameters,
} from "../explain/index.ts";
import type { BlobSource } from "./assemble.ts";
import { check } from "./corrupt.ts";
import type { ExplanationEntry } from "./explanation-schema.ts";
import { blobFile } from "./layout.ts";
import { noveltyOf } from "./novelty-tensors.ts";
import { decodeSafetensors } from "./safetensors.ts";
import type { Manifest } from "./schema.ts";

/** The part of an expert's explanation that the manifest keeps; the blob keeps the rest. */
export function describeExplanation(
  { card }: ExpertExplanation,
  noveltyBlob: string,
): ExplanationEntry {
  const { nRows, boundaryShare, rule, effects } = card;
  return { nRows, boundaryShare, rule, effects, noveltyBlob };
}

/**
 * The explanation that a manifest holds; null if it holds none.
 *
 * @throws BUNDLE_CORRUPT naming the file that does not fit: the manifest, `file`, or a blob.
 */
export function assembleExplanation(
  { members, preprocessing }: Manifest,
  file: string,
  blobOf: BlobSource,
): Explanation | null {
  const nInputs = matrixWidth(preprocessing.features);
  const isExplained = members.some(
    ({ boundaryMargin, experts }) =>
      boundaryMargin !== undefined || experts.some(({ explanation }) => explanation !== undefined),
  );
  if (!isExplained) return null;
  return {
    members: members.map(({ boundaryMargin, experts }, m): MemberExplanation => {
      check(boundaryMargin !== undefined, file, `member m${m} must have a boundaryMargin`);
      return {
        boundaryMargin,
        experts: experts.map((entry) => {
          const { explanation, id, share, residuals } = entry;
          check(explanation !== undefined, file, `expert ${id} must be explained as others are`);
          checkFeatures(id, explanation, preprocessing.features, file);
          const { noveltyBlob, ...card } = explanation;
          const novelty = readNovelty(noveltyBlob, blobOf, nInputs);
          return { card: { ...card, share, residuals }, novelty };
        }),
      };
    }),
  };
}

function readNovelty(hash: string, blobOf: BlobSource, nInputs: number): NoveltyParameters {
  const file = blobFile(hash);
  return noveltyOf(nInputs, decodeSafetensors(blobOf(hash), file).tensors, file);
}

/** Checks that conditions and effects name existing features of the right type. */
function checkFeatures(
  id: string,
  { rule, effects }: ExplanationEntry,
  features: Manifest["preprocessing"]["features"],
  file: string,
): void {
  const types = new Map(features.map(({ name, type }) => [name, type]));
  const explained = [
    ...(rule?.alternatives.flat() ?? []).map(({ feature, kind }) => [feature, kind === "levels"]),
    ...effects.map(({ feature, values }) => [feature, typeof values[0] === "string"]),
  ] as const;
  for (const [feature, isCategory] of explained) {
    const type = isCategory ? "category" : "number";
    const fits = types.get(String(feature)) === type;
    check(fits, file, `expert ${id} explains "${feature}", which must be a feature, a ${type}`);
  }
}
