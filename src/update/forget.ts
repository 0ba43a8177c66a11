/**
 * Forgetting rows: they leave the store, and every expert that learnt from them, the versions that
 * had it, and what the gate keeps of them are gone too.
 *
 * An expert that is to forget does not go on from where it stands: it starts from nothing on the
 * rows that are left. First the model, then the store: a kill between the two leaves the rows, so
 * that the same command finds them again. What single rows had a share in that cannot be told apart
 * stays: the scales of preprocessing, the start of experts that never saw them (docs/update.md).
 */
import {
  listVersions,
  lockBundle,
  type Manifest,
  readBundle,
  writeBundle,
} from "../bundle/index.ts";
import { applyPreprocessing } from "../data/index.ts";
import { explainExpert } from "../explain/index.ts";
import { type Gate, gateScores, refitMachines, topExperts } from "../gate/index.ts";
import {
  type Executor,
  expertId,
  prepareSamples,
  regimeQuantiles,
  summariseErrors,
  takeSamples,
} from "../mixture/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import type { Lock } from "../shared/lock.ts";
import type { Matrix } from "../shared/matrix.ts";
import {
  type Draft,
  explanationOf,
  intervalsAfter,
  mixtureOf,
  placeExpert,
  startDraft,
} from "./draft.ts";
import { type OpenedBundle, openForUpdate } from "./open-bundle.ts";
import { trainAnew } from "./retrain.ts";
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
import type { HashChange } from "./update-bundle.ts";

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

/** An expert is not trained on fewer rows. */
const MIN_ROWS = 12;

interface ForgetOptions {
  readonly executor: Executor;
  readonly seed: number;
}

/**
 * @throws STORE_MISSING if no rows were kept, BUNDLE_BUSY, COLUMN_MISSING; TOO_FEW_ROWS if an
 *   expert would be left without rows to learn from: then fit again.
 */
export async function forgetKey(
  folder: string,
  key: RowKey,
  options: ForgetOptions,
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
  { bundle, current, store }: OpenedBundle & { readonly store: RowStore },
  { gone, left }: FoundRows,
  { lock, ...options }: ForgetOptions & { readonly lock: Lock },
): Promise<void> {
  const { preprocessing } = current.model;
  const forgotten = applyPreprocessing(preprocessing, tableOf(store.state, gone));
  const drafts: Draft[] = [];
  for (const m of current.model.members.keys()) {
    const draft = startDraft(current, m);
    await retrainWithout(draft, { current, m, forgotten, left, store }, options);
    drafts.push(draft);
  }
  const members = drafts.map((draft, m) => ({
    weight: current.model.members[m]!.weight,
    mixture: mixtureOf(draft),
  }));
  const explained = drafts.map(explanationOf);
  const { provenance, update } = bundle.manifest;
  const nTrain = Math.max(0, provenance.nTrain - gone.length);
  const content = {
    model: { preprocessing, members, ...intervalsAfter(current.model.intervals, drafts) },
    facts: {
      provenance: { ...provenance, nTrain },
      experts: drafts.map(({ experts }) => experts.map(({ report }) => report)),
      ...(update === undefined ? {} : { update }),
    },
    ...(explained.every((one) => one !== null) ? { explanation: { members: explained } } : {}),
  };
  await writeBundle(folder, content, { lock });
}

interface Remaining {
  readonly current: OpenedBundle["current"];
  readonly m: number;
  readonly forgotten: Matrix;
  readonly left: readonly StoredRow[];
  readonly store: RowStore;
}

/** Modifies `draft`. */
async function retrainWithout(
  draft: Draft,
  { current, m, forgotten, left, store }: Remaining,
  { executor, seed }: ForgetOptions,
): Promise<void> {
  const { preprocessing } = current.model;
  const affected = new Set(routesOf(executor, draft.gate, forgotten));
  const table = trainingTable(store, left);
  if (table === null) throw tooFew(expertId(m, 0), 0);
  const samples = prepareSamples(preprocessing, table, Int32Array.from(table.y.keys()));
  const routes = routesOf(executor, draft.gate, samples.X);
  for (const k of affected) {
    const rows = Int32Array.from(routes.keys()).filter((i) => routes[i] === k);
    if (rows.length < MIN_ROWS) throw tooFew(expertId(m, k), rows.length);
    const before = draft.experts[k]!;
    const own = takeSamples(samples, rows);
    const { expert, range, heldOut } = await trainAnew(before.expert, own, { executor, seed });
    const { scale } = preprocessing.target;
    const residuals = summariseErrors(heldOut.map((error) => error * scale));
    const report = { share: before.report.share, residuals };
    const ground = { preprocessing, table: table.features, X: samples.X, rows, report };
    const known = { ...ground, nRows: rows.length, covered: own.X, earlier: before.explanation };
    const { engine } = executor;
    const isExplained = current.explanation !== null;
    const explanation = isExplained ? explainExpert(engine, expert, known) : null;
    const kept = before.range === null ? null : range;
    const errors = regimeQuantiles(heldOut);
    placeExpert(draft, k, { expert, range: kept, report, explanation, errors });
  }
  if (draft.gate?.kind === "svm") {
    const all = { X: samples.X, labels: routes };
    draft.gate = await refitMachines(draft.gate, forgotten, all, { seed });
  }
}

function routesOf({ engine }: Executor, gate: Gate | null, X: Matrix): Int32Array {
  if (gate === null) return new Int32Array(X.nRows);
  const scores = gateScores(engine, gate, X);
  return topExperts(scores, scores.length / X.nRows);
}

function tooFew(id: string, found: number): BailiwickError {
  const message = `expert ${id} must keep ${MIN_ROWS} rows to learn from, ${found} are left; fit again`;
  return new BailiwickError("TOO_FEW_ROWS", message, { expert: id, found });
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
