/** The operations that are killed, as the commands run them, on tiny models. */
import { join } from "node:path";
import { checkBundleFolder, lockBundleFolder } from "../../../src/bundle/index.ts";
import { takeTableRows } from "../../../src/data/index.ts";
import { createWasmEngine } from "../../../src/experts/index.ts";
import { type Fitted, load, openTable } from "../../../src/index.ts";
import { saveLocked } from "../../../src/library/index.ts";
import { createInlineExecutor, predict } from "../../../src/mixture/index.ts";
import { sha256 } from "../../../src/shared/hash.ts";
import {
  type Batch,
  copyBundle,
  follow,
  forgetKey,
  rollback,
  updateBundle,
} from "../../../src/update/index.ts";

const executor = createInlineExecutor(await createWasmEngine());
const OPTIONS = { executor, seed: 1 };
const BATCH_ROWS = 40;
export const TARGET = "y";
export const ID = "id";
/** The id of the rows that are forgotten. */
export const SECRET = "Kleinkuchen";

/** Changes the bundle `model`. @param data - The folder of rows and of the model `fitted`. */
type Operation = (model: string, data: string) => Promise<unknown>;

/** Each name is that of a function in `OPERATIONS`. */
export const OPERATIONS = {
  fit: (model, data) => saveFit(model, data, true),
  fitWithoutRows: (model, data) => saveFit(model, data, false),
  update: async (model, data) => updateBundle(model, await batchIn(data, "drifted"), OPTIONS),
  updateQuiet: async (model, data) => updateBundle(model, await batchIn(data, "quiet"), OPTIONS),
  forget: (model) => forgetKey(model, { column: ID, value: SECRET }, OPTIONS),
  rollback: (model) => rollback(model, 1),
  follow: (model, data) => followed(model, data),
  copy: async (model, data) => {
    const lock = await lockBundleFolder(model);
    await copyBundle(join(data, "kept"), model).finally(() => lock.release());
  },
} satisfies Record<string, Operation>;

export type OperationName = keyof typeof OPERATIONS;

/** Follows the first batches of the stream. */
export async function followed(model: string, data: string, nBatches = Infinity): Promise<void> {
  const { table } = await batchIn(data, "stream");
  async function* batches(): AsyncGenerator<Batch> {
    for (let b = 0; b < nBatches && b * BATCH_ROWS < table.nRows; b++) {
      const nRows = Math.min(BATCH_ROWS, table.nRows - b * BATCH_ROWS);
      const rows = Int32Array.from({ length: nRows }, (_, i) => b * BATCH_ROWS + i);
      yield { name: "stream", sha256: sha256(`batch ${b}`), table: takeTableRows(table, rows) };
    }
  }
  await follow(model, batches(), { ...OPTIONS, onBatch: () => {} });
}

async function batchIn(data: string, name: string): Promise<Batch> {
  const { table, sha256: hash } = await openRows(data, name);
  return { name, sha256: hash, table };
}

export function openRows(data: string, name: string) {
  return openTable(join(data, `${name}.csv`), { target: TARGET, drop: [ID], keepTexts: true });
}

/** Saves the model `fitted`, which was fitted on the rows `other`. */
async function saveFit(model: string, data: string, keepRows: boolean): Promise<void> {
  const fitted = await load(join(data, "fitted"));
  const { table, sha256: hash } = await openRows(data, "other");
  const rows = Int32Array.from({ length: table.nRows }, (_, i) => i);
  const { experts } = predict(executor.engine, fitted.model, table).routes[0]!;
  const kept = { table, rows, target: TARGET, sha256: hash, regimes: experts };
  const lock = await lockBundleFolder(model);
  try {
    await checkBundleFolder(model);
    await saveLocked({ ...fitted, keptRows: keepRows ? kept : null } as Fitted, model, { lock });
  } finally {
    await lock.release();
  }
}
