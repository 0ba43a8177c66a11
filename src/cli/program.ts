/** The commands: their arguments, options and an example of each that works. */
import { existsSync } from "node:fs";
import { Command, Option } from "commander";
import { packageVersion } from "../shared/version.ts";
import {
  bundleVersion,
  commaList,
  countNumber,
  integerList,
  levelNumber,
  rowNumber,
  seedNumber,
  typeList,
} from "./option-values.ts";
import { addFabric, withTrainers } from "./program-fabric.ts";
import { addServe } from "./program-serve.ts";
import {
  example,
  gateOption,
  missingOption,
  recombinationOption,
  withTraining,
} from "./shared-options.ts";

/** The benches: in a checkout, not in the package. */
const BENCHES = new URL("./bench/", import.meta.url);

/**
 * A fresh program. A command's module is loaded when it is called, so that help and small commands
 * do not wait for all of them. Errors are thrown, not exited on, so that main.ts decides the exit
 * code.
 */
export async function createProgram(): Promise<Command> {
  const program = new Command("bailiwick")
    .description("Mixture-of-experts regression: experts compete for rows, a gate routes them.")
    .version(packageVersion())
    .showSuggestionAfterError();
  addTraining(program);
  addUse(program);
  addServe(program);
  addChange(program);
  addPlacement(program);
  addFabric(program);
  addData(program);
  if (existsSync(BENCHES)) (await import("./bench/index.ts")).addBenches(program);
  const commands = [program, ...program.commands, ...program.commands.flatMap((c) => c.commands)];
  for (const command of commands) command.exitOverride();
  return program;
}

function addTraining(program: Command): void {
  withTraining(
    withTrainers(
      program
        .command("run")
        .description("run an experiment: split, fit, compare with baselines, keep the model")
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
    program
      .command("fit")
      .description("fit a model to all rows of a table and keep it as a bundle")
      .argument("<data>", "a CSV, TSV, JSON or Arrow file, plain or .gz, or a data set's name")
      .option("--target <name>", "the column to predict (known for named data sets)")
      .addOption(
        new Option(
          "--preset <name>",
          "fast: one mixture to predict with; accurate: a committee; regimes: to read",
        )
          .choices(["fast", "accurate", "regimes"])
          .default("fast"),
      )
      .addOption(
        new Option("--families <name>", "of an accurate model: networks only, or all").choices([
          "mlp",
          "all",
        ]),
      )
      .option("--group <name>", "a column that is an identifier of groups, never a feature")
      .option("--drop <names>", "columns that are not features, separated by commas", commaList)
      .option("--types <list>", "column types, as name=number,name=category", typeList)
      .addOption(missingOption())
      .addOption(gateOption())
      .addOption(recombinationOption())
      .option(
        "--experts <numbers>",
        "how many experts: one number, or several to choose among",
        integerList,
      )
      .option("--out <dir>", "folder of the bundle", "bundle")
      .option("--keep-rows", "keep the rows beside the bundle, for updates to learn from")
      .option("--force", "replace a folder that holds something else"),
  )
    .addHelpText("after", example("bailiwick fit concrete --out out/concrete"))
    .action(async (data, flags) => (await import("./fit.ts")).fitCommand(data, flags));
}

const INTERVAL_HELP = "also what that part of the truths lies between, 0.9 for example";

function addUse(program: Command): void {
  program
    .command("predict")
    .description("predict the rows of a table; CSV on stdout")
    .argument("<bundle>", "a bundle's folder")
    .argument("<data>", "a CSV, TSV, JSON or Arrow file, plain or .gz, or a data set's name")
    .option("--out <file>", "write the CSV to a file instead")
    .option(
      "--explain",
      "also each row's expert, the scores, its novelty, and whether near a boundary",
    )
    .option("--interval <level>", INTERVAL_HELP, levelNumber)
    .addOption(missingOption())
    .addHelpText("after", example("bailiwick predict models/concrete concrete --explain"))
    .action(async (bundle, data, flags) =>
      (await import("./predict.ts")).predictCommand(bundle, data, flags),
    );
  program
    .command("evaluate")
    .description("measure a model on rows whose target is known")
    .argument("<bundle>", "a bundle's folder")
    .argument("<data>", "a CSV, TSV, JSON or Arrow file, plain or .gz, or a data set's name")
    .option("--interval <level>", "also how many truths such intervals hold", levelNumber)
    .addOption(missingOption())
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick evaluate models/concrete concrete"))
    .action(async (bundle, data, flags) =>
      (await import("./evaluate.ts")).evaluateCommand(bundle, data, flags),
    );
  program
    .command("inspect")
    .description("say what a bundle holds: experts, regimes, errors, hashes, versions")
    .argument("<bundle>", "a bundle's folder")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick inspect models/concrete"))
    .action(async (bundle, flags) => (await import("./inspect.ts")).inspectCommand(bundle, flags));
  program
    .command("export")
    .description("write a bundle's model for other programs")
    .argument("<bundle>", "a bundle's folder")
    .addOption(
      new Option("--format <name>", "file format")
        .choices(["onnx", "safetensors", "json"])
        .makeOptionMandatory(),
    )
    .requiredOption("--out <file>", "the file to write")
    .addHelpText(
      "after",
      example("bailiwick export models/concrete --format json --out out/model.json"),
    )
    .action(async (bundle, flags) => (await import("./export.ts")).exportCommand(bundle, flags));
}

function addPlacement(program: Command): void {
  program
    .command("place")
    .description("say which device should hold which expert, and how good that plan is")
    .argument("<bundle>", "a bundle's folder")
    .requiredOption("--devices <file>", "a JSON file of devices and traffic")
    .option("--seed <number>", "seed of the search", seedNumber, 1)
    .option("--json", "one JSON document on stdout")
    .addHelpText(
      "after",
      example("bailiwick place models/concrete --devices experiments/fabric/devices.json"),
    )
    .action(async (bundle, flags) => (await import("./place.ts")).placeCommand(bundle, flags));

  program
    .command("simulate")
    .description("how policies of placement would fare in a scenario, before one is applied")
    .argument("<scenario>", "a JSON file of devices, experts, traffic and what happens")
    .option(
      "--policies <names>",
      "of static, threshold and predictive; all if not given",
      commaList,
    )
    .option("--seed <number>", "seed of the search", seedNumber, 1)
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick simulate experiments/fabric/scenarios/surges.json"))
    .action(async (path, flags) => (await import("./simulate.ts")).simulateCommand(path, flags));
}

function addChange(program: Command): void {
  withTraining(
    withTrainers(
      program
        .command("update")
        .description("learn what new rows have changed, and leave the rest as it is")
        .argument("<bundle>", "a bundle's folder")
        .argument("<newdata>", "a data file with the target; - for stdin, with --follow")
        .option("--out <dir>", "update a copy of the bundle instead")
        .option("--plan", "say what would be done, and do nothing")
        .option("--follow", "go on as the file grows, batch by batch")
        .option("--batch <rows>", "rows of a batch, of a file that is followed", rowNumber, 200)
        .option("--until-idle <seconds>", "stop when nothing has come for so long", countNumber, 0)
        .addOption(missingOption())
        .option("--force", "replace a folder that holds something else"),
    ),
  )
    .addHelpText("after", example("bailiwick update out/concrete new-rows.csv --plan"))
    .action(async (bundle, data, flags) =>
      (await import("./update.ts")).updateCommand(bundle, data, flags),
    );
  withTraining(
    program
      .command("forget")
      .description("remove kept rows, and train anew the experts that learnt from them")
      .argument("<bundle>", "a bundle's folder")
      .requiredOption("--key <column=value>", "which rows: a column and what its cell reads as"),
  )
    .addHelpText("after", example("bailiwick forget out/concrete --key plant=B7"))
    .action(async (bundle, flags) => (await import("./forget.ts")).forgetCommand(bundle, flags));
  program
    .command("rollback")
    .description("serve an earlier version of a bundle again")
    .argument("<bundle>", "a bundle's folder")
    .option("--to <version>", "its number; the one before if left out", bundleVersion)
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick rollback out/concrete --to 1"))
    .action(async (bundle, flags) =>
      (await import("./rollback.ts")).rollbackCommand(bundle, flags),
    );
}

function addData(program: Command): void {
  const data = program.command("data").description("data sets that can be named instead of a file");
  data
    .command("list")
    .description("list them: those that come along, and the mirror's in BAILIWICK_DATA")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick data list"))
    .action(async (flags) => (await import("./data.ts")).dataListCommand(flags));
  data
    .command("fetch")
    .description("get data sets from their origins, checked by hash")
    .argument("<names...>", "data sets' names")
    .option("--out <dir>", "folder for them; BAILIWICK_DATA or the user's cache if left out")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick data fetch yacht abalone"))
    .action(async (names, flags) =>
      (await import("./data-fetch.ts")).dataFetchCommand(names, flags),
    );
  data
    .command("verify")
    .description("check the data sets at hand: hashes, rows, columns, splits")
    .argument("[names...]", "data sets' names; all at hand if left out")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick data verify concrete"))
    .action(async (names, flags) =>
      (await import("./data-verify.ts")).dataVerifyCommand(names, flags),
    );
}
