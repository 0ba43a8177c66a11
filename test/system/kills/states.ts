/** What a bundle and its store say, to be compared after kills. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { listVersions, readVersion } from "../../../src/bundle/index.ts";
import { LOCK_NAME, TEMPORARY_NAME } from "../../../src/shared/files.ts";
import { openForUpdate } from "../../../src/update/open-bundle.ts";
import { countRows, lineOf, type RowStore, readRegime } from "../../../src/update/store/index.ts";

/** A version and the rows that are kept with it. */
export interface State {
  readonly digest: string;
  /** Rows that the model has learnt by its account. */
  readonly nTrain: number;
  /** The lines of the stored rows, sorted; null without a store. */
  readonly rows: readonly string[] | null;
}

/** As a reader sees it; null where there is no bundle. */
export async function stateOf(model: string): Promise<State | null> {
  if (!existsSync(join(model, "CURRENT"))) return null;
  const { bundle, store } = await openForUpdate(model);
  const rows = store === null ? null : await linesOfStore(store);
  return { digest: bundle.digest, nTrain: bundle.manifest.provenance.nTrain, rows };
}

async function linesOfStore(store: RowStore): Promise<readonly string[]> {
  const lists = await Promise.all(countRows(store).map((_, k) => readRegime(store, k)));
  return lists
    .flat()
    .map(({ cells }) => lineOf(cells))
    .sort();
}

/** A state with all that is kept beside it, and what no writer may leave. */
export interface WholeState {
  readonly state: State | null;
  /** The digests of all versions, newest first. */
  readonly versions: readonly string[];
  readonly blobs: readonly string[];
  /** The contents of what watches the rows. */
  readonly watched: readonly unknown[];
  /** Temporary files, locks, and files of rows that the journal does not name. */
  readonly leftovers: readonly string[];
}

export async function wholeStateOf(model: string): Promise<WholeState> {
  const store = `${model}.store`;
  const isBundle = existsSync(join(model, "CURRENT"));
  const numbers = isBundle ? await listVersions(model) : [];
  const versions = await Promise.all(
    numbers.map(async (version) => (await readVersion(model, version)).digest),
  );
  const watched = ["inputs.json", "monitors.json"].map((name) => {
    const path = join(store, name);
    return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : null;
  });
  const named = existsSync(join(store, "journal.jsonl"))
    ? (await openForUpdate(model)).store?.state.shards.map(({ file }) => file)
    : [];
  const leftovers = [...filesIn(model), ...filesIn(store)].filter(
    (name) =>
      TEMPORARY_NAME.test(name) ||
      name === LOCK_NAME ||
      (/^\d+-\d+[.]jsonl$/.test(name) && named?.includes(name) !== true),
  );
  const blobs = isBundle ? readdirSync(join(model, "blobs")).sort() : [];
  return { state: await stateOf(model), versions, blobs, watched, leftovers };
}

function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
}
