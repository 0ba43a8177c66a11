/** The commands: arguments, options and a working example of each. */
import { existsSync } from "node:fs";
import { Argument, Command, Option } from "commander";
import { SHELLS } from "../shared/choices.ts";
import { BailiwickError } from "../shared/errors.ts";
import { packageVersion } from "../shared/version.ts";
import { EMBEDDED, withFabric } from "./fabric-options.ts";
import {
  bundleVersion,
  columnList,
  commaList,
  countNumber,
  digitNumber,
  levelNumber,
  rowNumber,
  seedNumber,
} from "./option-values.ts";
import { addFabric, withTrainers } from "./program-fabric.ts";
import { addServe } from "./program-serve.ts";
import { addTraining } from "./program-training.ts";
import { addVerbosity, hookVerbosity } from "./program-verbosity.ts";
import { DATA_HELP, example, withReading, withTraining } from "./shared-options.ts";

/** The benches, which a checkout has and the package does not. */
const BENCHES = new URL("./bench/", import.meta.url);

/**
 * A new program. Each command loads its module when it runs, so that help and small commands
 * do not wait for all of them. Errors are thrown, and main.ts decides the exit code.
 */
export async function createProgram(): Promise<Command> {
  const program = new Command("bailiwick")
    .description("Mixture-of-experts regression: experts compete for rows, a gate routes them.")
    .version(packageVersion())
    .showSuggestionAfterError();
  addTraining(program);
  addPredict(program);
  addUse(program);
  addServe(program);
  addChange(program);
  addPlacement(program);
  addFabric(program);
  addData(program);
  addCompletion(program);
  if (existsSync(BENCHES)) (await import("./bench/index.ts")).addBenches(program);
  const commands = [program, ...program.commands, ...program.commands.flatMap((c) => c.commands)];
  for (const command of commands) {
    command.exitOverride();
    if (command.commands.length === 0) addVerbosity(command);
  }
  hookVerbosity(program);
  return program;
}

const INTERVAL_HELP = "also intervals that contain this share of the targets, 0.9 for example";

function addPredict(program: Command): void {
  withReading(
    program
      .command("predict")
      .description("predict the rows of a table")
      .argument("<bundle>", "a bundle's folder")
      .argument("<data>", DATA_HELP)
      .option(
        "--id <names>",
        "columns to copy from the data as texts, separated by commas",
        columnList,
      )
      .option(
        "--keep <names>",
        "columns to copy from the data, as numbers where all cells are",
        columnList,
      )
      .option("--digits <number>", "round to this many digits after the decimal point", digitNumber)
      .option("--csv", "write CSV; default, unless --out ends in .json, .arrow or .feather")
      .option("--json", "write a JSON list of row objects")
      .option("--arrow", "write an Arrow file (Feather)")
      .option("--out <file>", "write to a file; default: stdout")
      .option(
        "--explain",
        "also each row's expert, scores and novelty, and whether it is near a boundary",
      )
      .option("--interval <level>", INTERVAL_HELP, levelNumber),
  )
    .addHelpText("after", example("bailiwick predict models/concrete concrete --explain"))
    .action(async (bundle, data, flags) =>
      (await import("./predict.ts")).predictCommand(bundle, data, flags),
    );
}

function addUse(program: Command): void {
  withReading(
    program
      .command("evaluate")
      .description("measure a model's errors on rows that have a target")
      .argument("<bundle>", "a bundle's folder")
      .argument("<data>", DATA_HELP)
      .option(
        "--interval <level>",
        "also the share of targets within intervals of this level, 0.9 for example",
        levelNumber,
      )
      .option("--json", "one JSON document on stdout"),
  )
    .addHelpText("after", example("bailiwick evaluate models/concrete concrete"))
    .action(async (bundle, data, flags) =>
      (await import("./evaluate.ts")).evaluateCommand(bundle, data, flags),
    );
  program
    .command("inspect")
    .description("describe a bundle: experts, regimes, errors, hashes, versions")
    .argument("<bundle>", "a bundle's folder")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick inspect models/concrete"))
    .action(async (bundle, flags) => (await import("./inspect.ts")).inspectCommand(bundle, flags));
  withReading(
    program
      .command("report")
      .description("write a page about a model: errors, importance, effects, data, regimes")
      .argument("<bundle>", "a bundle's folder")
      .argument("[data]", "rows with the target to measure it on; - for stdin")
      .option("--out <file>", "the HTML file to write", "report.html"),
  )
    .addHelpText("after", example("bailiwick report models/concrete --out out/concrete.html"))
    .action(async (bundle, data, flags) =>
      (await import("./report.ts")).reportCommand(bundle, data, flags),
    );
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

const NO_SCENARIO = "simulate needs a scenario, or --tune with a folder of them";

function addPlacement(program: Command): void {
  program
    .command("place")
    .description("plan which device holds which expert, with a bound on how good a plan can be")
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
    .description("simulate placement policies in a scenario, or a device's session over links")
    .argument("[scenario]", "a JSON file of devices, experts, traffic and events")
    .option("--session", "the file is of a session: a device, experts and requests")
    .option("--links <file>", "with --session: a JSON file of recorded links")
    .option(
      "--policy, --policies <names>",
      "some of static, threshold, predictive, and files of --tune, separated by commas",
      commaList,
    )
    .option(
      "--tune <dir>",
      "in place of a scenario: tune the predictive policy on some of a folder",
    )
    .option("--out <file>", "with --tune: file to write the policy to, for --policies and serve")
    .option("--seed <number>", "seed of search, tuning, or the session's requests", seedNumber)
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick simulate experiments/fabric/scenarios/surges.json"))
    .action(async (path, flags) => {
      if (flags.tune !== undefined) {
        const tune = await import("./simulate-tune.ts");
        return tune.simulateTuneCommand(path ?? null, flags);
      }
      if (path === undefined) throw new BailiwickError("INVALID_OPTION", NO_SCENARIO);
      if (flags.out !== undefined) {
        throw new BailiwickError("INVALID_OPTION", "--out needs --tune, a folder of scenarios");
      }
      if (flags.session !== true && flags.links === undefined) {
        return (await import("./simulate.ts")).simulateCommand(path, flags);
      }
      return (await import("./simulate-session.ts")).simulateSessionCommand(path, flags);
    });
}

function addChange(program: Command): void {
  withTraining(
    withTrainers(
      withReading(
        program
          .command("update")
          .description("train the experts whose rows have changed; all others stay as they are")
          .argument("<bundle>", "a bundle's folder")
          .argument("<newdata>", "a data file with the target column; - for stdin")
          .option("--out <dir>", "update a copy of the bundle instead")
          .option("--plan", "print the decisions, and change nothing")
          .option("--follow", "keep reading as the file grows, batch by batch")
          .option("--batch <rows>", "with --follow: number of rows of a batch", rowNumber, 200)
          .option(
            "--until-idle <seconds>",
            "with --follow: stop after this time without new rows",
            countNumber,
            0,
          )
          .option("--force", "replace a folder that holds something else"),
      ),
    ),
  )
    .addHelpText("after", example("bailiwick update out/concrete new-rows.csv --plan"))
    .action(async (bundle, data, flags) =>
      (await import("./update.ts")).updateCommand(bundle, data, flags),
    );
  withTraining(
    withFabric(
      program
        .command("forget")
        .description("remove kept rows, and train again the experts that learnt from them")
        .argument("<bundle>", "a bundle's folder")
        .requiredOption(
          "--key <column=value>",
          "the rows to remove: a column and the text of its cell",
        ),
      EMBEDDED,
    ),
  )
    .addHelpText("after", example("bailiwick forget out/concrete --key plant=B7"))
    .action(async (bundle, flags) => (await import("./forget.ts")).forgetCommand(bundle, flags));
  program
    .command("rollback")
    .description("serve an earlier version of a bundle again")
    .argument("<bundle>", "a bundle's folder")
    .option(
      "--to <version>",
      "number of the version; default: the one before the served version",
      bundleVersion,
    )
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick rollback out/concrete --to 1"))
    .action(async (bundle, flags) =>
      (await import("./rollback.ts")).rollbackCommand(bundle, flags),
    );
}

function addData(program: Command): void {
  const data = program.command("data").description("data sets that have a name");
  data
    .command("list")
    .description("list the data sets of the package and of the folder BAILIWICK_DATA")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick data list"))
    .action(async (flags) => (await import("./data.ts")).dataListCommand(flags));
  data
    .command("fetch")
    .description("download data sets from their origins and verify their hashes")
    .argument("<names...>", "names of data sets")
    .option("--out <dir>", "folder to write to; default: BAILIWICK_DATA or the user's cache")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick data fetch yacht abalone"))
    .action(async (names, flags) =>
      (await import("./data-fetch.ts")).dataFetchCommand(names, flags),
    );
  data
    .command("verify")
    .description("verify the available data sets: hashes, rows, columns, splits")
    .argument("[names...]", "names of data sets; default: all that are available")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick data verify concrete"))
    .action(async (names, flags) =>
      (await import("./data-verify.ts")).dataVerifyCommand(names, flags),
    );
}

function addCompletion(program: Command): void {
  program
    .command("completion")
    .description("print a shell's script that completes commands, options and their values")
    .addArgument(new Argument("<shell>", "the shell").choices(SHELLS))
    .addHelpText(
      "after",
      example("bailiwick completion bash > bailiwick.bash && source bailiwick.bash"),
    )
    .action(async (shell) => {
      (await import("./completion.ts")).completionCommand(program, shell);
    });
}
