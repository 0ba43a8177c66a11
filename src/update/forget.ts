/**
 * Forgetting rows: they leave the store, and every expert that learnt from them, the versions that
 * had it, and what the gate keeps of them are gone too.
 *
 * An expert that is to forget does not go on from where it stands: it starts from nothing on the
 * rows that are left. First the model, then the store: a kill between the two leaves the rows, so
 * that the same command finds them again. What single rows had a share in that cannot be told apart
 * stays: the scales of preprocessing, the start of experts that never saw them (docs/update.md).
 * Effects of levels that they had are gone too.
 */
import {
  listVersions,
  lockBundle,
  type Manifest,
  readBundle,
  writeBundle,
} from "../bundle/index.ts";
import { applyPreprocessing, forgetLevels } from "../data/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import type { Lock } from "../shared/lock.ts";
import { type HashChange, nextCurrent } from "./commit/index.ts";
import { type OpenedBundle, openForUpdate } from "./open-bundle.ts";
import {
  countRows,
  forgetRows,
  type RowKey,
  type RowStore,
  readRegime,
  rowMatcher,
  type StoredRow,
  tableOf,
  trainingTable,
} from "./store/index.ts";
import { type Draft, type Learning, learnWithout } from "./train/index.ts";

export interface ForgetReport {
  readonly key: RowKey;
  /** Rows that are gone. */
  readonly nForgotten: number;
  /** Rows that were looked at: all. */
  readonly rowsRead: number;
  readonly versionBefore: number;
  readonly version: number;
  readonly affected: readonly HashChange[];
  readonly unaffected: readonly HashChange[];
  /** Of each member, as far as its machines had kept one of the rows. */
  readonly gate: readonly HashChange[];
  /** Versions that were removed with what they knew. */
  readonly removedVersions: readonly number[];
}

/**
 * @throws STORE_MISSING if no rows were kept, BUNDLE_BUSY, COLUMN_MISSING; TOO_FEW_ROWS if an
 *   expert would be left without rows to learn from: then fit again.
 */
export async function forgetKey(
  folder: string,
  key: RowKey,
  options: Learning,
): Promise<ForgetReport> {
  const lock = await lockBundle(folder);
  try {
    const { store, ...opened } = await openForUpdate(folder);
    if (store === null) {
      const message = `${folder} must have kept its rows (fit --keep-rows), found no store`;
      throw new BailiwickError("STORE_MISSING", message, { folder });
    }
    const before = opened.bundle;
    const versions = await listVersions(folder);
    const found = await findRows(store, key);
    const nForgotten = found.gone.length;
    if (nForgotten > 0) {
      await commitWithout(folder, { ...opened, store }, found, { ...options, lock });
      await forgetRows(store, key);
    }
    const after = await readBundle(folder);
    const left = await listVersions(folder);
    return {
      key,
      nForgotten,
      rowsRead: nForgotten + found.left.length,
      versionBefore: before.version,
      version: after.version,
      ...compareBlobs(before.manifest.members, after.manifest.members),
      removedVersions: versions.filter((version) => !left.includes(version)),
    };
  } finally {
    await lock.release();
  }
}

interface FoundRows {
  readonly gone: readonly StoredRow[];
  readonly left: readonly StoredRow[];
}

async function findRows(store: RowStore, key: RowKey): Promise<FoundRows> {
  const isMeant = rowMatcher(store, key);
  const gone: StoredRow[] = [];
  const left: StoredRow[] = [];
  for (const k of countRows(store).keys()) {
    for (const row of await readRegime(store, k)) (isMeant(row) ? gone : left).push(row);
  }
  return { gone, left };
}

/** A version that has not learnt from the rows, and no other any more. */
async function commitWithout(
  folder: string,
  { bundle, current: before, store }: OpenedBundle & { readonly store: RowStore },
  { gone, left }: FoundRows,
  { lock, ...learning }: Learning & { readonly lock: Lock },
): Promise<void> {
  const { preprocessing, members } = before.model;
  const rows = tableOf(store.state, gone);
  const forgotten = applyPreprocessing(preprocessing, rows);
  const model = { ...before.model, preprocessing: forgetLevels(preprocessing, rows) };
  const current = { ...before, model };
  const table = trainingTable(store, left);
  const drafts: Draft[] = [];
  for (const m of members.keys()) {
    drafts.push(await learnWithout(current, m, { forgotten, left: table }, learning));
  }
  const nTrain = Math.max(0, current.nTrain - gone.length);
  const next = nextCurrent(current, drafts, nTrain);
  const { provenance: facts, update } = bundle.manifest;
  // Marks tell whether a row was trained on, which nothing may of a forgotten one.
  const { rowMarks: _, ...provenance } = facts;
  const content = {
    model: next.model,
    facts: {
      provenance: { ...provenance, nTrain },
      experts: next.experts,
      ...(update === undefined ? {} : { update }),
    },
    ...(next.explanation === null ? {} : { explanation: next.explanation }),
  };
  await writeBundle(folder, content, { lock });
}

function compareBlobs(
  before: Manifest["members"],
  after: Manifest["members"],
): Pick<ForgetReport, "affected" | "unaffected" | "gate"> {
  const experts = after.flatMap((member, m) =>
    member.experts.map(({ id, blob }, k): HashChange => {
      return { id, before: before[m]!.experts[k]?.blob ?? null, after: blob };
    }),
  );
  return {
    affected: experts.filter((one) => one.before !== one.after),
    unaffected: experts.filter((one) => one.before === one.after),
    gate: after.map(({ gate }, m) => ({
      id: `m${m}`,
      before: before[m]!.gate?.blob ?? null,
      after: gate?.blob ?? null,
    })),
  };
}
