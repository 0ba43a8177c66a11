/** The options --quiet and --verbose, which every command has. */
import { type Command, Option } from "commander";
import { nowMs } from "../shared/clock.ts";
import { isVerbose, setVerbosity } from "./output.ts";

/** Adds the options to a command. A server has a log, whose level follows. */
export function addVerbosity(command: Command): void {
  const logs = command.options.some((option) => option.attributeName() === "logLevel");
  const quiet = new Option("--quiet", "no progress, remarks or warnings on stderr");
  const verbose = new Option("-v, --verbose", "also versions, settings and times on stderr");
  quiet.conflicts("verbose");
  if (logs) {
    quiet.implies({ logLevel: "error" });
    verbose.implies({ logLevel: "debug" });
  }
  command.addOption(verbose).addOption(quiet);
}

/** The verbosity of the command that begins, and with --verbose its versions and its time. */
export function hookVerbosity(program: Command): void {
  let startMs = 0;
  program.hook("preAction", async (_program, command) => {
    setVerbosity(command.opts());
    startMs = nowMs();
    if (isVerbose()) (await import("./verbose.ts")).describeProcess();
  });
  program.hook("postAction", async () => {
    if (isVerbose()) (await import("./verbose.ts")).describeTime(startMs);
  });
}
