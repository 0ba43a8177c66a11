/** The package's version, from the package.json two folders above src/shared or dist/shared. */
import { readFileSync } from "node:fs";
import { z } from "zod";

const PACKAGE_JSON = new URL("../../package.json", import.meta.url);
const packageSchema = z.object({ version: z.string() });
let version: string | undefined;

export function packageVersion(): string {
  version ??= packageSchema.parse(JSON.parse(readFileSync(PACKAGE_JSON, "utf8"))).version;
  return version;
}
