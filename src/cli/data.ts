/** `bailiwick data list`: the data sets that can be named instead of a file. */
import { listDatasets } from "../data/index.ts";
import { mirrorFolder } from "./environment.ts";
import { formatTable, printJson, printLine } from "./output.ts";

export async function dataListCommand(flags: { readonly json?: boolean }): Promise<void> {
  const datasets = await listDatasets({ mirror: mirrorFolder() });
  if (flags.json === true) {
    printJson(datasets);
    return;
  }
  const rows = datasets.map(({ name, nRows, nFeatures, target, where, title }) => [
    name,
    String(nRows),
    String(nFeatures),
    target,
    where,
    title,
  ]);
  printLine(formatTable(["name", "rows", "features", "target", "where", "what"], rows));
}
