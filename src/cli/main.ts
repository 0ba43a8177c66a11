#!/usr/bin/env node
/** The `bailiwick` command: parses, runs, and turns every error into one line and an exit code. */
import { writeError } from "../shared/files.ts";
import { createProgram } from "./program.ts";
import { exitCodeOf, reportError } from "./report-error.ts";

/** A command that failed and still holds something open ends after this. */
const LAST_MS = 2000;

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A reader may stop reading, as `head` does: that is no error.
  if (error.code === "EPIPE") process.exit();
  fail(writeError("standard output", error));
  process.exit();
});

// A log whose reader is gone, or whose disk is full, must not end what is logged.
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
