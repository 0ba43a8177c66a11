#!/usr/bin/env node
/** The `bailiwick` command: parses, runs, and turns every error into one line and an exit code. */
import { createProgram } from "./program.ts";
import { exitCodeOf, reportError } from "./report-error.ts";

// Whoever reads our output may stop reading, as `head` does: that is no error of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  throw error;
});

try {
  await (await createProgram()).parseAsync(process.argv);
} catch (error) {
  process.exitCode = exitCodeOf(error);
  reportError(error);
}
