/** The package's version, from the package.json two folders above src/shared or dist/shared. */
import { readFileSync } from "node:fs";

const PACKAGE_JSON = new URL("../../package.json", import.meta.url);
let known: string | undefined;

export function packageVersion(): string {
  known ??= (JSON.parse(readFileSync(PACKAGE_JSON, "utf8")) as { version: string }).version;
  return known;
}
