/**
 * Errors as a person meets them: `error [CODE] what must hold, what was found`, on stderr.
 *
 * Exit 1 is the caller's mistake, 2 the world's failure, 70 a bug of ours; only a bug shows its
 * stack, because only then is it of use.
 */
import { CommanderError } from "commander";
import { BailiwickError } from "../shared/errors.ts";

const EXIT_CALLER = 1;
const EXIT_WORLD = 2;
const EXIT_BUG = 70;

export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_CALLER;
  if (!(error instanceof BailiwickError)) return EXIT_BUG;
  return error.httpStatus < 500 ? EXIT_CALLER : EXIT_WORLD;
}

/** Writes the line for `error` to stderr. Commander has written its own already. */
export function reportError(error: unknown): void {
  if (error instanceof CommanderError) return;
  if (error instanceof BailiwickError) {
    process.stderr.write(`error [${error.code}] ${error.message}${causeOf(error)}\n`);
    return;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`error [BUG] this should not happen, please report it: ${text}\n`);
}

/** What the system said, where the message does not say it already. */
function causeOf({ cause, message }: BailiwickError): string {
  if (!(cause instanceof Error) || message.includes(cause.message)) return "";
  return ` (${cause.message.split("\n")[0]})`;
}
