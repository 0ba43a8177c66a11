/**
 * Forgetting rows: they leave the store, and no part of the bundle that is left has learnt from
 * them or holds a value of theirs.
 *
 * Every expert starts from nothing on the rows that are left; what may hold a value of one row
 * (medians, levels, ranges, quantiles, bins of inputs, marks of rows, watched errors) is taken from
 * the rows that are left, or removed. Those rows are written to new files of the store and bound to
 * the next version before it is served: a kill at any moment leaves the old rows with the old
 * version, or the new ones with the new, and the same command finishes. Means, deviations and
 * softmax gates stay (docs/update.md).
 */
import {
  type Bundle,
  listVersions,
  lockBundle,
  type Manifest,
  readBundle,
  type WrittenBundle,
  writeBundle,
} from "../bundle/index.ts";
import { applyPreprocessing, preprocessingWithout, type Table } from "../data/index.ts";
import type { Engine } from "../experts/index.ts";
import { withoutLevels } from "../explain/index.ts";
import { predict, type TrainingTable } from "../mixture/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import type { Lock } from "../shared/lock.ts";
import { type HashChange, keepInputs, nextCurrent } from "./commit/index.ts";
import type { Current } from "./current.ts";
import { type OpenedBundle, openSettled, settleStore } from "./open-bundle.ts";
import {
  countRows,
  type Journal,
  type RowKey,
  type RowStore,
  readRegime,
  rowMatcher,
  type StoredRow,
  tableOf,
  trainingTable,
  writeSuccessor,
  writeWithout,
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
  /** Where nothing of the rows is left. */
  readonly cleaned: readonly string[];
  /** Where something of them may be that this command cannot reach. */
  readonly notReached: readonly string[];
}

const NOT_REACHED = [
  "copies of the bundle or its store, and files that were exported from it",
  "a fabric that serves the bundle, until its placer has erased them (forget --fabric waits)",
];

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
    const { store, ...opened } = await openSettled(folder);
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
      cleaned: [folder, store.folder],
      notReached: NOT_REACHED,
    };
  } finally {
    await lock.release();
  }
}

interface FoundRows {
  readonly isMeant: (row: StoredRow) => boolean;
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
  return { isMeant, gone, left };
}

/** A version that has not learnt from the rows, and no other any more. */
async function commitWithout(
  folder: string,
  { bundle, current, store }: OpenedBundle & { readonly store: RowStore },
  { isMeant, gone, left }: FoundRows,
  { lock, ...learning }: Learning & { readonly lock: Lock },
): Promise<void> {
  const table = trainingTable(store, left);
  const rows = tableOf(store.state, gone);
  const before = withoutValues(current, rows, table);
  const forgotten = applyPreprocessing(current.model.preprocessing, rows);
  const drafts: Draft[] = [];
  for (const m of before.model.members.keys()) {
    drafts.push(await learnWithout(before, m, { forgotten, left: table }, learning));
  }
  const nTrain = Math.max(0, current.nTrain - gone.length);
  const next = nextCurrent(before, drafts, nTrain);
  const { provenance: was, update } = bundle.manifest;
  // Marks tell whether a row was trained on, which nothing may of a forgotten one.
  const { rowMarks: _, privacy: __, ...provenance } = was;
  const content = {
    model: next.model,
    facts: {
      provenance: { ...provenance, nTrain },
      experts: next.experts,
      ...(update === undefined ? {} : { update }),
    },
    ...(next.explanation === null ? {} : { explanation: next.explanation }),
  };
  let journal: Journal | null = null;
  const beforeServed = async ({ digest, version, manifest }: WrittenBundle): Promise<void> => {
    const state = await writeWithout(store, isMeant);
    await binInputs(store, { model: next.model, manifest }, left, learning.executor.engine);
    journal = await writeSuccessor(store.folder, store.state, { digest, version, state });
  };
  const written = await writeBundle(folder, content, { lock, beforeServed });
  if (journal !== null) await settleStore(folder, written, journal);
}

/** The model with a preprocessing and rules that hold no value of a forgotten row. */
function withoutValues(current: Current, gone: Table, left: TrainingTable | null): Current {
  if (left === null) return current;
  const { model, explanation } = current;
  const preprocessing = preprocessingWithout(model.preprocessing, gone, left.features, left.y);
  const levels = new Map(
    preprocessing.features.map((feature): [string, readonly string[]] => {
      return [feature.name, feature.type === "category" ? feature.levels : []];
    }),
  );
  const isKept = (feature: string, level: string) => levels.get(feature)?.includes(level) === true;
  return {
    ...current,
    model: { ...model, preprocessing },
    explanation: explanation && withoutLevels(explanation, isKept),
  };
}

/** Bins of the next version's inputs, by the rows that are left. */
async function binInputs(
  store: RowStore,
  { model, manifest }: Pick<Bundle, "model" | "manifest">,
  left: readonly StoredRow[],
  engine: Engine,
): Promise<void> {
  const table = tableOf(store.state, left);
  const [route] = predict(engine, model, table).routes;
  await keepInputs(store, { model, manifest }, { table, experts: route!.experts });
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
