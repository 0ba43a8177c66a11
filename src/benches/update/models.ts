/** What the update bench fits: a bundle on a disk to be updated, and what stands beside it. */
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { valuesSha256 } from "../../data/index.ts";
import { describeFit, save } from "../../library/index.ts";
import {
  type Executor,
  type FitOptions,
  fitModel,
  type Model,
  predict,
  type TrainingTable,
} from "../../mixture/index.ts";
import { silent } from "../../shared/progress.ts";
import { type Batch, keepRows } from "../../update/index.ts";
import { storeFolder } from "../../update/store/index.ts";

/** A bundle in a temporary folder, with its rows kept. */
export interface TemporaryBundle {
  readonly folder: string;
  readonly model: Model;
  readonly cpuSeconds: number;
  /** Another folder with the bundle and its rows as they are now, removed with it. */
  copy(name: string): Promise<string>;
  remove(): Promise<void>;
}

export async function fitBundle(
  table: TrainingTable,
  options: FitOptions,
  executor: Executor,
): Promise<TemporaryBundle> {
  const parent = await mkdtemp(join(tmpdir(), "bailiwick-bench-"));
  const folder = join(parent, "model");
  const { value: fitted, cpuSeconds } = await timed(() =>
    fitModel(table, options, executor, silent),
  );
  const { model } = fitted;
  const { name, sha256, ...batch } = batchOf(table, "old rows");
  const verdict = { partitioning: "worth it", why: "not judged: fitted to be updated" } as const;
  const source = { name, sha256, seed: options.seed, preset: "regimes", verdict };
  await save(describeFit(executor.engine, fitted, table, source), folder);
  const rows = Int32Array.from(table.y.keys());
  const { routes } = predict(executor.engine, model, table.features);
  const kept = { table: batch.table, rows, target: table.targetName, sha256 };
  await keepRows(folder, kept, routes[0]!);
  return {
    folder,
    model,
    cpuSeconds,
    copy: async (name) => {
      const other = join(parent, name);
      await cp(folder, other, { recursive: true });
      await cp(storeFolder(folder), storeFolder(other), { recursive: true });
      return other;
    },
    remove: () => rm(parent, { recursive: true, force: true }),
  };
}

/** Rows as a file would have given them. */
export function batchOf({ features, targetName, y }: TrainingTable, name: string): Batch {
  const columns = [...features.columns, { type: "number" as const, name: targetName, values: y }];
  const table = { nRows: y.length, columns };
  return { name, sha256: valuesSha256(table), table };
}

/** CPU of all threads that something took. */
export async function timed<T>(
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly cpuSeconds: number }> {
  const start = process.cpuUsage();
  const value = await work();
  const { user, system } = process.cpuUsage(start);
  return { value, cpuSeconds: (user + system) / 1e6 };
}
