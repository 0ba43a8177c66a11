/** Options that several commands share, and how examples are shown. */
import { type Command, Option } from "commander";
import { ENGINES } from "../experts/index.ts";
import { GATE_CHOICES } from "../mixture/index.ts";
import { commaList, seedNumber, threadNumber } from "./option-values.ts";

/** Options of every command that trains. */
export function withTraining(command: Command): Command {
  return command
    .option("--seed <number>", "seed of every random choice", seedNumber)
    .addOption(new Option("--engine <name>", "engine that trains the nets").choices(ENGINES))
    .option(
      "--threads <number>",
      "number of training threads; default: the number of cores",
      threadNumber,
    )
    .option("--json", "one JSON document on stdout");
}

/** Whatever it names replaces the default marks. */
export function missingOption(): Option {
  const help = "texts that mark a missing value, separated by commas, in place of NA, ? and others";
  return new Option("--missing <marks>", help).argParser(commaList);
}

export function gateOption(): Option {
  return new Option("--gate <kind>", "kind of gate, which learns the boundaries").choices(
    GATE_CHOICES,
  );
}

export function recombinationOption(): Option {
  return new Option(
    "--recombination <kind>",
    "smooth: blend the experts; hard: take the one with the highest score",
  ).choices(["smooth", "hard"]);
}

export function example(line: string): string {
  return `\nExample:\n  $ ${line}`;
}
