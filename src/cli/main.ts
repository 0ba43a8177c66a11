#!/usr/bin/env node
/** The `bailiwick` command: parses, runs, and turns every error into one line and an exit code. */
import { createProgram } from "./program.ts";
import { exitCodeOf, reportError } from "./report-error.ts";

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  process.exitCode = exitCodeOf(error);
  reportError(error);
}
