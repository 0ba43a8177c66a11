/** The commands that measure, and what they measure. */
import { type Command, Option } from "commander";
import {
  commaList,
  countNumber,
  regimeRows,
  seedCount,
  shareNumber,
  sizeList,
  splitRange,
  stepList,
} from "../option-values.ts";
import { example, withTraining } from "../shared-options.ts";

export function addBenches(program: Command): void {
  const bench = program.command("bench").description("measure, and write down what was measured");
  addBenchAccuracy(bench);
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
    .action(async (flags) => (await import("./regimes.ts")).benchRegimesCommand(flags));
  withTraining(
    bench
      .command("update")
      .description("updates against refits, on streams with known changes and on real rows")
      .option("--sets <names>", "real sets, separated by commas; those at hand", commaList)
      .option("--seeds <number>", "seeds of data and fit, from --seed on", seedCount, 3)
      .option("--rows <number>", "rows that a model is fitted on", regimeRows, 4000)
      .option("--new-rows <number>", "rows that come then", regimeRows, 1000)
      .option("--quiet <number>", "streams of 10,000 rows without a change", countNumber, 200)
      .option("--shifted <number>", "shifted streams of a size, regime and model", countNumber, 10)
      .option("--out <dir>", "folder for result.json"),
  )
    .addHelpText("after", example("bailiwick bench update --seeds 1 --quiet 10 --shifted 2"))
    .action(async (flags) => (await import("./update.ts")).benchUpdateCommand(flags));
  addBenchFabric(bench);
  bench
    .command("kernel")
    .description("the training kernel against other engines; peers run from a checkout")
    .option("--out <dir>", "folder for result.json")
    .option("--force", "write to a folder that holds something else")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick bench kernel --out experiments/kernel"))
    .action(async (flags) => (await import("./kernel.ts")).benchKernelCommand(flags));
  bench
    .command("serving")
    .description("the server against a bare echo, under load and broken requests; in a checkout")
    .option("--seconds <number>", "of one load against the echo", countNumber, 5)
    .option("--out <dir>", "folder for result.json")
    .option("--force", "write to a folder that holds something else")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick bench serving --out experiments/serving"))
    .action(async (flags) => (await import("./serving.ts")).benchServingCommand(flags));
}

function addBenchFabric(bench: Command): void {
  bench
    .command("fabric")
    .description("plans and policies of placement, over problems and scenarios")
    .option("--scenarios <dir>", "folder of scenarios", "experiments/fabric/scenarios")
    .option("--seeds <number>", "problems of each size to be placed", seedCount, 5)
    .option("--out <dir>", "folder for result.json")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick bench fabric --seeds 1"))
    .action(async (flags) => (await import("./fabric.ts")).benchFabricCommand(flags));
}

function addBenchAccuracy(bench: Command): void {
  withTraining(
    bench
      .command("accuracy")
      .description("committees against baselines and other packages, over data sets")
      .option(
        "--sets <names>",
        "data sets, separated by commas; the package's own if left out",
        commaList,
      )
      .option(
        "--splits <number>",
        "how many, or which as 0-4; all if left out, 5 of more than 3,000 rows without groups",
        splitRange,
      )
      .option("--steps <numbers>", "training steps to choose among", stepList, [600, 3000, 15000])
      .option("--extend <number>", "longer training is tried while it wins", countNumber, 45_000)
      .option(
        "--corrupt <share>",
        "give this part of the training rows the targets of others",
        shareNumber,
        0,
      )
      .addOption(
        new Option(
          "--families <name>",
          "mlp: networks alone in the committee; all: other families too",
        )
          .choices(["mlp", "all"])
          .default("all"),
      )
      .option("--no-peers", "leave out the regressors of other packages")
      .option(
        "--peers-from <result>",
        "take what they said from an earlier result.json over the same splits",
      )
      .option("--out <dir>", "folder for result.json, and for each split as it is finished")
      .option("--resume", "leave out splits that an interrupted run to the same folder finished")
      .option("--only-finished", "run nothing: sum up the splits that are finished"),
  )
    .option("--scale <rows>", "instead: what a fit takes of so many generated rows", sizeList)
    .addHelpText("after", example("bailiwick bench accuracy --sets cars,servo --out out/accuracy"))
    .action(async (flags) => {
      if (flags.scale !== undefined) {
        return (await import("./scale.ts")).benchScaleCommand(flags);
      }
      return (await import("./accuracy.ts")).benchAccuracyCommand(flags);
    });
}
