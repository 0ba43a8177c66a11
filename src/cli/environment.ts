/** The environment variables. No other module reads them. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Folder of data sets: BAILIWICK_DATA, or the folder of `data fetch` if it exists. */
export function mirrorFolder(): string | undefined {
  const folder = fetchFolder();
  return named("BAILIWICK_DATA") !== undefined || existsSync(folder) ? folder : undefined;
}

/** Folder that `data fetch` writes to: BAILIWICK_DATA, or one in the user's cache. */
export function fetchFolder(): string {
  const cache = named("XDG_CACHE_HOME") ?? join(homedir(), ".cache");
  return named("BAILIWICK_DATA") ?? join(cache, "bailiwick", "datasets");
}

/** The Python that runs a bench's peers: BAILIWICK_PYTHON, or the first on the path. */
export function peerPython(): string {
  return namedPython() ?? "python3";
}

/** BAILIWICK_PYTHON. */
export function namedPython(): string | undefined {
  return named("BAILIWICK_PYTHON");
}

function named(variable: string): string | undefined {
  const value = process.env[variable];
  return value === "" ? undefined : value;
}
