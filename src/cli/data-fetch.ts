/** `bailiwick data fetch`: downloads data sets from their origins into a folder. */
import { type Fetched, fetchDataset } from "../data/mirror/index.ts";
import { fetchFolder } from "./environment.ts";
import { note, printJson, printLine } from "./output.ts";

export interface DataFetchFlags {
  readonly out?: string;
  readonly json?: boolean;
}

const SAID: Readonly<Record<Fetched["status"], string>> = {
  fetched: "downloaded and verified",
  present: "already present",
  package: "included in the package",
};

/** Fetches one after the other; if one fails, the earlier ones stay. */
export async function dataFetchCommand(
  names: readonly string[],
  flags: DataFetchFlags,
): Promise<void> {
  const folder = flags.out ?? fetchFolder();
  const fetched: Fetched[] = [];
  for (const name of names) {
    note(`fetching ${name} …`);
    const outcome = await fetchDataset(name, folder);
    fetched.push(outcome);
    if (flags.json !== true) printLine(`${name} ${SAID[outcome.status]}: ${outcome.path}`);
  }
  if (flags.json === true) printJson(fetched);
  const elsewhere = fetched.some(({ status }) => status !== "package") && folder !== fetchFolder();
  if (elsewhere) note(`set BAILIWICK_DATA=${folder} to open them by name`);
}
