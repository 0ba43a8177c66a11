#!/usr/bin/env node
/** The `bailiwick` command: parses, runs, and reports an error as one line and an exit code. */
import { writeError } from "../shared/files.ts";
import { createProgram } from "./program.ts";
import { exitCodeOf, reportError } from "./report-error.ts";

/** A failed command that still holds something open ends after this time. */
const LAST_MS = 2000;

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A reader such as `head` may stop reading: that is not an error.
  if (error.code === "EPIPE") process.exit();
  fail(writeError("standard output", error));
  process.exit();
});

// A closed log reader or a full disk must not end the command.
process.stderr.on("error", () => {});

try {
  await (await createProgram()).parseAsync(process.argv);
} catch (error) {
  fail(error);
  setTimeout(() => process.exit(), LAST_MS).unref();
}

function fail(error: unknown): void {
  process.exitCode = exitCodeOf(error);
  reportError(error);
}
