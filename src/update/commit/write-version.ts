/** The next version of a bundle, beside the old one. */
import {
  type Bundle,
  type BundleFacts,
  type UpdateRecord,
  type WrittenBundle,
  writeBundle,
} from "../../bundle/index.ts";
import { joinMarks, type RowMarks } from "../../data/index.ts";
import type { Lock } from "../../shared/lock.ts";
import type { Current } from "../current.ts";
import type { Outcome } from "../train/index.ts";

/** A version as it is served after an update. */
export interface Committed {
  readonly version: number;
  readonly digest: string;
  /** The experts' blobs, one list a member. */
  readonly hashes: readonly (readonly string[])[];
}

/** What made the next version. */
export interface Origin {
  readonly name: string;
  readonly sha256: string;
  readonly nRows: number;
  /** Of the new rows. */
  readonly rowMarks: RowMarks;
  readonly rowsRead: number;
  readonly outcomes: readonly Outcome[];
  /** Of the bundle, held until the rows are stored. */
  readonly lock: Lock;
  /** Called with the version before it is written. */
  readonly beforeServed: (next: WrittenBundle) => Promise<void>;
}

/** @throws as `writeBundle`. */
export async function writeVersion(
  folder: string,
  { version, manifest }: Bundle,
  { model, experts, explanation, nTrain }: Current,
  { name, sha256, nRows, rowMarks, rowsRead, outcomes, lock, beforeServed }: Origin,
): Promise<Committed> {
  const record: UpdateRecord = {
    fromVersion: version,
    dataName: name,
    dataSha256: sha256,
    nRows,
    rowsRead,
    decisions: outcomes.map(({ id, action, why }) => ({ expert: id, action, why })),
  };
  // What is promised of the first rows is not promised of those that an update reads.
  const { privacy: _, ...provenance } = manifest.provenance;
  const marks =
    provenance.rowMarks === undefined ? {} : { rowMarks: joinMarks(provenance.rowMarks, rowMarks) };
  const facts: BundleFacts = {
    provenance: { ...provenance, nTrain, ...marks },
    experts,
    update: record,
  };
  const content = { model, facts, ...(explanation === null ? {} : { explanation }) };
  const written = await writeBundle(folder, content, { keepVersions: true, lock, beforeServed });
  return { ...written, hashes: hashesOf(written.manifest) };
}

/** The version that is there. */
export function sameVersion({ version, digest, manifest }: Bundle): Committed {
  return { version, digest, hashes: hashesOf(manifest) };
}

function hashesOf({ members }: Bundle["manifest"]): Committed["hashes"] {
  return members.map(({ experts }) => experts.map(({ blob }) => blob));
}
