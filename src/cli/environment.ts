/** What the environment says. Read here and nowhere else. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Folder of data sets: BAILIWICK_DATA, or where `data fetch` puts them if it has yet. */
export function mirrorFolder(): string | undefined {
  const folder = fetchFolder();
  return named("BAILIWICK_DATA") !== undefined || existsSync(folder) ? folder : undefined;
}

/** Where `data fetch` puts data sets: BAILIWICK_DATA, or a folder among the user's caches. */
export function fetchFolder(): string {
  const cache = named("XDG_CACHE_HOME") ?? join(homedir(), ".cache");
  return named("BAILIWICK_DATA") ?? join(cache, "bailiwick", "datasets");
}

/** What runs the Python peers of a bench: BAILIWICK_PYTHON, or the first on the path. */
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
