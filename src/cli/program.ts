/** The commands: their arguments, options and an example of each that works. */
import { Command, InvalidArgumentError, Option } from "commander";
import { ENGINES } from "../experts/index.ts";
import { packageVersion } from "../shared/version.ts";
import { benchKernelCommand } from "./bench.ts";
import { benchAccuracyCommand } from "./bench-accuracy.ts";
import { benchRegimesCommand } from "./bench-regimes.ts";
import { dataListCommand } from "./data.ts";
import { dataFetchCommand } from "./data-fetch.ts";
import { dataVerifyCommand } from "./data-verify.ts";
import { evaluateCommand } from "./evaluate.ts";
import { exportCommand } from "./export.ts";
import { fitCommand } from "./fit.ts";
import { inspectCommand } from "./inspect.ts";
import { predictCommand } from "./predict.ts";
import { runCommand } from "./run.ts";
import { serveCommand } from "./serve.ts";

/** A fresh program. Errors are thrown, not exited on, so that main.ts decides the exit code. */
export function createProgram(): Command {
  const program = new Command("bailiwick")
    .description("Mixture-of-experts regression: experts compete for rows, a gate routes them.")
    .version(packageVersion())
    .showSuggestionAfterError();
  addTraining(program);
  addUse(program);
  addData(program);
  addBenches(program);
  const commands = [program, ...program.commands, ...program.commands.flatMap((c) => c.commands)];
  for (const command of commands) command.exitOverride();
  return program;
}

function addTraining(program: Command): void {
  withTraining(
    program
      .command("run")
      .description("run an experiment: split, fit, compare with baselines, keep the model")
      .argument("<config>", "an experiment's JSON file")
      .option("--out <dir>", "folder for result.json, report.html and bundle/")
      .option("--force", "replace a folder that holds something else"),
  )
    .addHelpText(
      "after",
      example("bailiwick run experiments/quickstart/config.json --out out/quickstart"),
    )
    .action(runCommand);
  withTraining(
    program
      .command("fit")
      .description("fit a model to all rows of a table and keep it as a bundle")
      .argument("<data>", "a CSV, TSV, JSON or Arrow file, plain or .gz, or a data set's name")
      .option("--target <name>", "the column to predict (known for named data sets)")
      .addOption(
        new Option("--preset <name>", "fast: one mixture to predict with; regimes: to read")
          .choices(["fast", "regimes"])
          .default("fast"),
      )
      .option("--group <name>", "a column that is an identifier of groups, never a feature")
      .option("--drop <names>", "columns that are not features, separated by commas", commaList)
      .option("--types <list>", "column types, as name=number,name=category", typeList)
      .addOption(gateOption())
      .addOption(recombinationOption())
      .option(
        "--experts <numbers>",
        "how many experts: one number, or several to choose among",
        integerList,
      )
      .option("--out <dir>", "folder of the bundle", "bundle")
      .option("--force", "replace a folder that holds something else"),
  )
    .addHelpText("after", example("bailiwick fit concrete --out out/concrete"))
    .action(fitCommand);
}

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
    .addHelpText("after", example("bailiwick predict models/concrete concrete --explain"))
    .action(predictCommand);
  program
    .command("evaluate")
    .description("measure a model on rows whose target is known")
    .argument("<bundle>", "a bundle's folder")
    .argument("<data>", "a CSV, TSV, JSON or Arrow file, plain or .gz, or a data set's name")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick evaluate models/concrete concrete"))
    .action(evaluateCommand);
  program
    .command("inspect")
    .description("say what a bundle holds: experts, regimes, errors, hashes, versions")
    .argument("<bundle>", "a bundle's folder")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick inspect models/concrete"))
    .action(inspectCommand);
  program
    .command("export")
    .description("write a bundle's model for other programs")
    .argument("<bundle>", "a bundle's folder")
    .addOption(
      new Option("--format <name>", "file format")
        .choices(["safetensors", "json"])
        .makeOptionMandatory(),
    )
    .requiredOption("--out <file>", "the file to write")
    .addHelpText(
      "after",
      example("bailiwick export models/concrete --format json --out out/model.json"),
    )
    .action(exportCommand);
  program
    .command("serve")
    .description("answer predictions over HTTP (Open Inference Protocol V2)")
    .argument("<bundles...>", "bundle folders; a model's name is its folder's name")
    .option("--host <address>", "address to bind to", "127.0.0.1")
    .option("--port <number>", "port to bind to, 0 for any free one", portNumber, 8080)
    .option("--token-file <file>", "bearer tokens, one a line (or one in BAILIWICK_TOKEN)")
    .option("--rate-limit <number>", "requests a second of one address, 0 for any", countNumber, 0)
    .option("--max-rows <number>", "rows of one request", rowNumber, 100_000)
    .option("--batch-wait <ms>", "longest wait for small requests to batch", countNumber, 0)
    .option("--versions <number>", "versions of a bundle that can be asked for", versionNumber, 2)
    .addOption(
      new Option("--log-level <name>", "debug logs every request")
        .choices(["debug", "info", "warn", "error"])
        .default("info"),
    )
    .addHelpText("after", example("bailiwick serve models/concrete --port 8080"))
    .action(serveCommand);
}

function addData(program: Command): void {
  const data = program.command("data").description("data sets that can be named instead of a file");
  data
    .command("list")
    .description("list them: those that come along, and the mirror's in BAILIWICK_DATA")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick data list"))
    .action(dataListCommand);
  data
    .command("fetch")
    .description("get data sets from their origins, checked by hash")
    .argument("<names...>", "data sets' names")
    .option("--out <dir>", "folder for them; BAILIWICK_DATA or the user's cache if left out")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick data fetch yacht abalone"))
    .action(dataFetchCommand);
  data
    .command("verify")
    .description("check the data sets at hand: hashes, rows, columns, splits")
    .argument("[names...]", "data sets' names; all at hand if left out")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick data verify concrete"))
    .action(dataVerifyCommand);
}

function addBenches(program: Command): void {
  const bench = program.command("bench").description("measure, and write down what was measured");
  withTraining(
    bench
      .command("accuracy")
      .description("the mixture against its baselines over data sets")
      .option(
        "--sets <names>",
        "data sets, separated by commas; the package's own if left out",
        commaList,
      )
      .option(
        "--splits <number>",
        "splits of a set: the first published ones, or folds",
        splitNumber,
        5,
      )
      .option("--steps <numbers>", "training steps to choose among", stepList, [600, 3000, 15_000])
      .option("--out <dir>", "folder for result.json, and for each set as it is finished")
      .option("--resume", "leave out sets that an interrupted run to the same folder finished"),
  )
    .addHelpText("after", example("bailiwick bench accuracy --sets cars,servo --out out/accuracy"))
    .action(benchAccuracyCommand);
  withTraining(
    bench
      .command("regimes")
      .description("regimes found against regimes known; peers run from a checkout")
      .option("--sets <names>", "sets, separated by commas; all at hand if left out", commaList)
      .option("--seeds <number>", "seeds of data and fit, from --seed on", seedCount, 5)
      .option("--rows <number>", "training rows, and as many test rows", regimeRows, 2000)
      .option("--out <dir>", "folder for result.json, and for each set and seed as it is finished")
      .option("--resume", "leave out what an interrupted run to the same folder finished"),
  )
    .addHelpText("after", example("bailiwick bench regimes --sets intervals --seeds 1 --rows 500"))
    .action(benchRegimesCommand);
  bench
    .command("kernel")
    .description("the training kernel against other engines; peers run from a checkout")
    .option("--out <dir>", "folder for result.json")
    .option("--force", "write to a folder that holds something else")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick bench kernel --out experiments/kernel"))
    .action(benchKernelCommand);
}

function splitNumber(text: string): number {
  return integerOf(text, 2, 100);
}

function seedCount(text: string): number {
  return integerOf(text, 1, 100);
}

function regimeRows(text: string): number {
  return integerOf(text, 50, 100_000);
}

function stepList(text: string): number[] {
  return commaList(text).map((part) => integerOf(part, 1, 1_000_000));
}

/** Options of every command that trains. */
function withTraining(command: Command): Command {
  return command
    .option("--seed <number>", "decides everything that is left to chance", seedNumber)
    .addOption(new Option("--engine <name>", "what trains the nets").choices(ENGINES))
    .option("--threads <number>", "threads to train on, as many as cores if left out", threadNumber)
    .option("--json", "one JSON document on stdout");
}

function threadNumber(text: string): number {
  return integerOf(text, 1, 64);
}

function gateOption(): Option {
  return new Option("--gate <kind>", "what learns the boundaries").choices(["softmax", "svm"]);
}

function recombinationOption(): Option {
  return new Option("--recombination <kind>", "blend experts, or take the top one").choices([
    "smooth",
    "hard",
  ]);
}

function example(line: string): string {
  return `\nExample:\n  $ ${line}`;
}

function commaList(text: string): string[] {
  return text.split(",").map((part) => part.trim());
}

function typeList(text: string): Record<string, "number" | "category"> {
  const entries = commaList(text).map((part) => {
    const at = part.lastIndexOf("=");
    const type = part.slice(at + 1);
    if (at < 1 || (type !== "number" && type !== "category")) {
      throw new InvalidArgumentError(`must read name=number or name=category, got "${part}".`);
    }
    return [part.slice(0, at), type] as const;
  });
  return Object.fromEntries(entries);
}

function integerList(text: string): [number, ...number[]] {
  const numbers = commaList(text).map((part) => integerOf(part, 1, 16));
  return numbers as [number, ...number[]];
}

function seedNumber(text: string): number {
  return integerOf(text, 0, 2_147_483_647);
}

function countNumber(text: string): number {
  return integerOf(text, 0, 1_000_000);
}

function rowNumber(text: string): number {
  return integerOf(text, 1, 10_000_000);
}

function versionNumber(text: string): number {
  return integerOf(text, 1, 16);
}

function portNumber(text: string): number {
  return integerOf(text, 0, 65_535);
}

function integerOf(text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new InvalidArgumentError(`must be an integer, ${least} to ${most}, got "${text}".`);
  }
  return value;
}
