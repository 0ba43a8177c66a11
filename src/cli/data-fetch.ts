/** `bailiwick data fetch`: data sets from their origins into a folder. */
import { type Fetched, fetchDataset } from "../data/mirror/index.ts";
import { fetchFolder } from "./environment.ts";
import { note, printJson, printLine } from "./output.ts";

export interface DataFetchFlags {
  readonly out?: string;
  readonly json?: boolean;
}

const SAID: Readonly<Record<Fetched["status"], string>> = {
  fetched: "fetched and checked",
  present: "is there already",
  package: "comes along with the package",
};

/** One after the other; what is fetched before one that fails stays. */
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
  if (elsewhere) note(`to open them by name, set BAILIWICK_DATA=${folder}`);
}
