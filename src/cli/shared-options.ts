/** Options that several commands share, and how examples are shown. */
import { type Command, Option } from "commander";
import type { ReadSettings } from "../library/index.ts";
import { ENCODINGS, ENGINES, GATE_CHOICES } from "../shared/choices.ts";

import { commaList, seedNumber, separatorText, threadNumber } from "./option-values.ts";

export const DATA_HELP =
  "a CSV, TSV, JSON, Arrow or Parquet file (or .gz), - for stdin, or a data set's name";

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

/** Options of every command that reads a table: how its text is read. */
export function withReading(command: Command): Command {
  const choice = (flag: string, what: string): Option =>
    new Option(flag, `${what}; default: as the file shows`);
  return command
    .addOption(missingOption())
    .addOption(
      choice("--separator <mark>", "separator of a CSV file's cells: , ; | tab").argParser(
        separatorText,
      ),
    )
    .addOption(choice("--decimal <mark>", "decimal mark of numbers").choices([".", ","]))
    .addOption(choice("--encoding <name>", "encoding of a text file").choices(ENCODINGS));
}

/** The flags that say how a file is read, of commands that read data. */
export interface ReadingFlags {
  /** Texts that mark a missing value. */
  readonly missing?: readonly string[] | undefined;
  readonly separator?: ReadSettings["separator"];
  readonly decimal?: ReadSettings["decimal"];
  readonly encoding?: ReadSettings["encoding"];
}

/** Of a command's flags, those that say how a file is read. */
export function readingOf({ missing, separator, decimal, encoding }: ReadingFlags): ReadingFlags {
  return { missing, separator, decimal, encoding };
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
