/** Bundles of models whose regimes are known, with their rows kept beside them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import { writeBundle } from "../../src/bundle/index.ts";
import { canonicalCsv, type GeneratorName } from "../../src/data/index.ts";
import { predict } from "../../src/mixture/index.ts";
import { sha256 } from "../../src/shared/hash.ts";
import { type Batch, type Current, keepRows } from "../../src/update/index.ts";
import { executor, knownModel, rowsOf, type StreamRows } from "./streams.ts";

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** A bundle in a folder of its own. Its rows have a column "plant", of 40 plants, that is no feature. */
export async function knownBundle(
  set: GeneratorName,
  options: Parameters<typeof knownModel>[1] & { readonly keep?: boolean },
): Promise<{ readonly folder: string; readonly current: Current }> {
  const current = await knownModel(set, options);
  const folder = join(mkdtempSync(join(tmpdir(), "bailiwick-known-")), "model");
  made.push(dirname(folder));
  const { model, experts, explanation, nTrain } = current;
  const provenance = {
    dataName: set,
    dataSha256: sha256(set),
    seed: 1,
    engine: "wasm" as const,
    nTrain,
    preset: "regimes",
    metrics: null,
    verdict: { partitioning: "worth it" as const, why: "it was made so" },
  };
  const content = { model, facts: { provenance, experts }, explanation: explanation! };
  await writeBundle(folder, content);
  if (options.keep !== false) {
    const rows = rowsOf(set, options);
    const { table } = batchOf(rows, "first");
    const { routes } = predict(executor.engine, model, rows.features);
    const all = Int32Array.from(rows.y.keys());
    await keepRows(folder, { table, rows: all, target: "y", sha256: sha256("first") }, routes[0]!);
  }
  return { folder, current };
}

/** Rows as a file would give them. */
export function batchOf({ features, y }: StreamRows, name: string): Batch {
  const plants = Array.from(y.keys(), (i) => `P${i % 40}`);
  const columns = [
    ...features.columns,
    { type: "category" as const, name: "plant", values: plants },
    { type: "number" as const, name: "y", values: y },
  ];
  return { name, sha256: sha256(name), table: { nRows: y.length, columns } };
}

export function writeCsv(path: string, rows: StreamRows): void {
  writeFileSync(path, canonicalCsv(batchOf(rows, path).table));
}
