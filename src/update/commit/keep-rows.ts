/** Starting a bundle's store with the rows that it was fitted on. */
import { type Bundle, readBundle } from "../../bundle/index.ts";
import { applyPreprocessing, type Table, takeTableRows } from "../../data/index.ts";
import type { Model, Route } from "../../mixture/index.ts";
import { takeRows } from "../../shared/matrix.ts";
import { appendRows, createStore, type RowStore, storeFolder } from "../store/index.ts";
import { binColumns, writeBins } from "../watch/index.ts";

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

/**
 * A new store in place of any that is there, and beside the rows how the inputs of each regime lie.
 *
 * @throws as `readBundle`; WRITE_FAILED, FILE_NOT_FOUND
 */
export async function keepRows(
  bundle: string,
  { table, rows, target, sha256 }: KeptRows,
  { experts }: Pick<Route, "experts">,
): Promise<RowStore> {
  const { readings = [] } = table;
  const columns = table.columns.map(({ name, type }) => {
    const reading = readings.find(({ column }) => column === name);
    return { name, type, ...(reading === undefined ? {} : { reading }) };
  });
  const store = await createStore(storeFolder(bundle), { columns, target });
  const stored = takeTableRows(table, rows);
  await keepInputs(store, await readBundle(bundle), { table: stored, experts });
  return appendRows(store, { table: stored, regimes: experts, sha256 });
}

/**
 * Keeps how the inputs of each regime's rows lie, in place of what was kept.
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
  await writeBins(folder, Object.fromEntries(bins));
}
