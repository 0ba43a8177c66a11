/**
 * Errors on stderr: `error [CODE] what must hold, what was given`.
 *
 * Exit code 1 is the caller's mistake, 2 a failure of the environment, 70 a bug; only a bug shows
 * its stack.
 */
import { CommanderError } from "commander";
import { BailiwickError } from "../shared/errors.ts";
import { visible } from "../shared/visible.ts";

const EXIT_CALLER = 1;
const EXIT_WORLD = 2;
const EXIT_BUG = 70;

export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_CALLER;
  if (!(error instanceof BailiwickError)) return EXIT_BUG;
  return error.httpStatus < 500 ? EXIT_CALLER : EXIT_WORLD;
}

/** Writes the line for `error` to stderr. Commander has already written its errors. */
export function reportError(error: unknown): void {
  if (error instanceof CommanderError) return;
  if (error instanceof BailiwickError) {
    process.stderr.write(visible(`error [${error.code}] ${error.message}${causeOf(error)}\n`));
    return;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(visible(`error [BUG] this should not happen, please report it: ${text}\n`));
}

/** The system's message, where the error's message does not contain it. */
function causeOf({ cause, message }: BailiwickError): string {
  if (!(cause instanceof Error) || message.includes(cause.message)) return "";
  return ` (${cause.message.split("\n")[0]})`;
}
