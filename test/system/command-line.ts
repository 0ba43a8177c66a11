/** The command as tests start it in processes of their own, compiled from this checkout. */
import { join } from "node:path";
import { inject } from "vitest";
import type { CommandLine } from "../../src/benches/serving/process.ts";

export function commandLine(): CommandLine {
  return [process.execPath, join(inject("compiled"), "dist", "cli", "main.js")];
}
