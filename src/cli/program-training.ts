/** The commands that train from the beginning: run and fit. */
import { type Command, Option } from "commander";
import { TARGET_TRANSFORMS } from "../shared/choices.ts";
import { EMBEDDED, withFabric } from "./fabric-options.ts";
import {
  columnList,
  commaList,
  deltaNumber,
  duration,
  epsilonNumber,
  integerList,
  typeList,
} from "./option-values.ts";
import { withTrainers } from "./program-fabric.ts";
import {
  DATA_HELP,
  example,
  gateOption,
  missingOption,
  recombinationOption,
  withReading,
  withTraining,
} from "./shared-options.ts";

const EPSILON_HELP = "with --sites: the model is differentially private, with this ε for a row";
const BOUNDS_HELP = "with --epsilon: what is publicly known of the columns (docs/sites.md)";

export function addTraining(program: Command): void {
  withTraining(
    withTrainers(
      program
        .command("run")
        .description("run an experiment: split, fit, compare with baselines, save the model")
        .argument("<config>", "an experiment's JSON file")
        .option("--out <dir>", "folder for result.json, report.html and bundle/")
        .addOption(missingOption())
        .option("--force", "replace a folder that holds something else"),
    ),
  )
    .addHelpText(
      "after",
      example("bailiwick run experiments/quickstart/config.json --out out/quickstart"),
    )
    .action(async (config, flags) => (await import("./run.ts")).runCommand(config, flags));
  withTraining(
    withReading(
      withFabric(program.command("fit"), EMBEDDED)
        .description("fit a model to all rows of a table and save it as a bundle")
        .argument("[data]", DATA_HELP)
        .option(
          "--config <file>",
          "a JSON file of these settings (docs/config.md); options given here win",
        )
        .option("--target <name>", "the column to predict (default for data sets with a name)")
        .addOption(presetOption())
        .option("--time <duration>", "with --preset auto: until when it tries, 2m or 90s", duration)
        .addOption(familiesOption())
        .option("--group <name>", "a column that identifies groups of rows; it is not a feature")
        .option("--drop <names>", "columns that are not features, separated by commas", columnList)
        .option("--types <list>", "column types, as name=number,name=category,name=date", typeList)
        .option(
          "--keep <names>",
          "columns that are features though they seem to identify rows",
          columnList,
        )
        .addOption(transformOption())
        .addOption(gateOption())
        .addOption(recombinationOption())
        .option(
          "--experts <numbers>",
          "number of experts, or several numbers to choose among",
          integerList,
        )
        .option("--out <dir>", "folder of the new bundle; default: bundle, which must hold none")
        .option("--report <file>", "the page about the model; default <out>.report.html")
        .option("--no-report", "write no page")
        .option("--keep-rows", "keep the rows beside the bundle; updates learn from them")
        .option(
          "--sites <names>",
          "with a fabric: sites whose rows stay there, in place of data",
          commaList,
        )
        .option("--epsilon <number>", EPSILON_HELP, epsilonNumber)
        .option("--delta <number>", "with --epsilon: its δ (default: 0.000001)", deltaNumber)
        .option("--bounds <file>", BOUNDS_HELP)
        .option("--force", "replace a folder that holds something else"),
    ),
  )
    .addHelpText("after", example("bailiwick fit concrete --out out/concrete"))
    .action(async (data, flags) => (await import("./fit.ts")).fitCommand(data, flags));
}

function presetOption(): Option {
  const what =
    "auto: the best of these in the time; fast: one mixture; accurate: a committee; " +
    "regimes: a mixture to interpret (default: auto)";
  return new Option("--preset <name>", what).choices(["auto", "fast", "accurate", "regimes"]);
}

function familiesOption(): Option {
  const what = "with --preset accurate: members are networks only, or of all families";
  return new Option("--families <name>", what).choices(["mlp", "all"]);
}

function transformOption(): Option {
  const what =
    "log: the logarithm of a positive target is learnt; auto: where its held-out error is lower";
  return new Option("--target-transform <name>", what).choices(TARGET_TRANSFORMS);
}
