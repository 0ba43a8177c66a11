/** Options that several commands share, and how examples are shown. */
import { type Command, Option } from "commander";
import { ENGINES } from "../experts/index.ts";
import { GATE_CHOICES } from "../mixture/index.ts";
import { commaList, seedNumber, threadNumber } from "./option-values.ts";

/** Options of every command that trains. */
export function withTraining(command: Command): Command {
  return command
    .option("--seed <number>", "decides everything that is left to chance", seedNumber)
    .addOption(new Option("--engine <name>", "what trains the nets").choices(ENGINES))
    .option("--threads <number>", "threads to train on, as many as cores if left out", threadNumber)
    .option("--json", "one JSON document on stdout");
}

/** Whatever it names replaces the default marks. */
export function missingOption(): Option {
  const help = "texts that mark a missing value, separated by commas, in place of NA, ? and others";
  return new Option("--missing <marks>", help).argParser(commaList);
}

export function gateOption(): Option {
  return new Option("--gate <kind>", "what learns the boundaries").choices(GATE_CHOICES);
}

export function recombinationOption(): Option {
  return new Option("--recombination <kind>", "blend experts, or take the top one").choices([
    "smooth",
    "hard",
  ]);
}

export function example(line: string): string {
  return `\nExample:\n  $ ${line}`;
}
