/** Starting a bundle's store with the rows that it was fitted on. */
import type { Bundle } from "../../bundle/index.ts";
import { applyPreprocessing, type Table, takeTableRows } from "../../data/index.ts";
import type { Model, Route } from "../../mixture/index.ts";
import { takeRows } from "../../shared/matrix.ts";
import {
  type Journal,
  makeStoreFolder,
  type RowStore,
  type StoreState,
  writeNewRows,
  writeSuccessor,
} from "../store/index.ts";
import { addBins, binColumns } from "../watch/index.ts";

export interface KeptRows {
  /** Every column of the file, its target among them. */
  readonly table: Table;
  /** Those of its rows that have a target, in the order of the routes. */
  readonly rows: Int32Array;
  readonly target: string;
  readonly sha256: string;
}

/** Scores below this share of a row's largest are dropped, where a model is to be updated. */
const TRUNCATION = 0.01;

/** The model with gates that give an expert far from a row no say at all. */
export function truncateGates(model: Model): Model {
  const members = model.members.map((member) => {
    const { gate } = member.mixture;
    if (gate?.kind !== "softmax") return member;
    return { ...member, mixture: { ...member.mixture, gate: { ...gate, truncation: TRUNCATION } } };
  });
  return { ...model, members };
}

/** A version that is about to be served, or is served already. */
export type RowsOwner = Pick<Bundle, "model" | "manifest" | "digest" | "version">;

/**
 * Writes the rows of a fit, and how the inputs of each regime lie, beside what the store holds
 * until then. They count once the version is served and the journal is settled.
 *
 * @param before - What the store holds; null for nothing. Nothing may be pending.
 * @throws WRITE_FAILED, STORE_CORRUPT
 */
export async function prepareFitRows(
  folder: string,
  before: StoreState | null,
  owner: RowsOwner,
  { table, rows, target, sha256, regimes }: KeptRows & { readonly regimes: Int32Array },
): Promise<Journal> {
  const { readings = [] } = table;
  const columns = table.columns.map(({ name, type }) => {
    const reading = readings.find(({ column }) => column === name);
    return { name, type, ...(reading === undefined ? {} : { reading }) };
  });
  await makeStoreFolder(folder);
  const stored = takeTableRows(table, rows);
  const batch = { table: stored, regimes, sha256 };
  const state = await writeNewRows(folder, { columns, target }, batch);
  await keepInputs({ folder }, owner, { table: stored, experts: regimes });
  const { digest, version } = owner;
  return writeSuccessor(folder, before, { digest, version, state });
}

/**
 * Keeps how the inputs of each regime's rows lie, beside what is kept of other versions.
 *
 * @throws WRITE_FAILED
 */
export async function keepInputs(
  { folder }: Pick<RowStore, "folder">,
  { model, manifest }: Pick<Bundle, "model" | "manifest">,
  { table, experts }: { readonly table: Table } & Pick<Route, "experts">,
): Promise<void> {
  const X = applyPreprocessing(model.preprocessing, table);
  const bins = manifest.members[0]!.experts.map(({ blob }, k) => {
    const ofExpert = Int32Array.from(experts.keys()).filter((i) => experts[i] === k);
    return [blob, binColumns(takeRows(X, ofExpert))] as const;
  });
  await addBins(folder, Object.fromEntries(bins));
}
