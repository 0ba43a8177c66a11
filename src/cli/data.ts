/** `bailiwick data list`: data sets that have a name, available or to be fetched. */
import { listDatasets, mirrorDescriptors } from "../data/index.ts";
import { mirrorFolder } from "./environment.ts";
import { formatTable, note, printJson, printLine } from "./output.ts";

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
  const absent = (await mirrorDescriptors())
    .map(({ name }) => name)
    .filter((name) => !datasets.some((dataset) => dataset.name === name));
  if (absent.length > 0)
    note(`not available yet (bailiwick data fetch <name>): ${absent.join(", ")}`);
}
