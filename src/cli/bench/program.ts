/** The `bench` commands and their options. */
import { type Command, Option } from "commander";
import {
  agentParts,
  commaList,
  countNumber,
  duration,
  fabricParts,
  presetList,
  regimeRows,
  seedCount,
  seedNumber,
  shareNumber,
  sitesParts,
  sizeList,
  splitRange,
  stepList,
  threadNumber,
} from "../option-values.ts";
import { example, withTraining } from "../shared-options.ts";

export function addBenches(program: Command): void {
  const bench = program.command("bench").description("measure, and write the results to files");
  addBenchAccuracy(bench);
  addBenchRegimes(bench);
  addBenchUpdate(bench);
  addBenchFabric(bench);
  addBenchFirstHour(bench);
  addBenchAgent(bench);
  addBenchSites(bench);
  bench
    .command("kernel")
    .description("compare the training kernel with other engines; peers run from a checkout")
    .option("--out <dir>", "folder for result.json")
    .option("--force", "write to a folder that holds something else")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick bench kernel --out experiments/kernel"))
    .action(async (flags) => (await import("./kernel.ts")).benchKernelCommand(flags));
  bench
    .command("serving")
    .description("compare the server with an echo server, under load and broken requests")
    .option("--seconds <number>", "length of one load, in seconds", countNumber, 5)
    .option("--out <dir>", "folder for result.json")
    .option("--force", "write to a folder that holds something else")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick bench serving --out experiments/serving"))
    .action(async (flags) => (await import("./serving.ts")).benchServingCommand(flags));
}

function addBenchAgent(bench: Command): void {
  bench
    .command("agent")
    .description(
      "compare the agent in a page with onnxruntime-web, and its split with fixed ones; runs " +
        "from a checkout",
    )
    .option("--parts <names>", "some of page and split; of others the earlier is kept", agentParts)
    .option("--links <file>", "recorded links for the sessions of the part split")
    .option("--sessions <dir>", "folder of the sessions", "experiments/agent/sessions")
    .option("--out <dir>", "folder for result.json")
    .option("--force", "write to a folder that holds something else")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick bench agent --out experiments/agent"))
    .action(async (flags) => (await import("./agent.ts")).benchAgentCommand(flags));
}

function addBenchSites(bench: Command): void {
  bench
    .command("sites")
    .description("compare fits of rows at sites with fits of all rows; runs from a checkout")
    .option(
      "--parts <names>",
      "some of exactness, traffic, accounting, private and errors; of others the earlier is kept",
      sitesParts,
    )
    .option("--sets <names>", "sets of the part errors, with commas; default: all", commaList)
    .option("--seeds <number>", "number of seeds of the part errors", seedCount, 1)
    .option("--out <dir>", "folder for result.json and a log of finished sets", "experiments/sites")
    .option("--resume", "skip sets that an interrupted run to the same folder finished")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick bench sites --parts exactness --out out/sites"))
    .action(async (flags) => (await import("./sites.ts")).benchSitesCommand(flags));
}

function addBenchRegimes(bench: Command): void {
  withTraining(
    bench
      .command("regimes")
      .description(
        "compare the regimes that a fit finds with the true ones; peers run from a checkout",
      )
      .option(
        "--sets <names>",
        "sets, separated by commas; default: all that are available",
        commaList,
      )
      .option(
        "--seeds <number>",
        "number of seeds of data and fit, counted from --seed",
        seedCount,
        5,
      )
      .option("--rows <number>", "number of training rows, and of test rows", regimeRows, 2000)
      .option("--out <dir>", "folder for result.json and a log of finished sets and seeds")
      .option("--resume", "skip what an interrupted run to the same folder finished"),
  )
    .option(
      "--member",
      "instead, measure what a member of regimes gives the preset accurate, on real sets",
    )
    .addHelpText("after", example("bailiwick bench regimes --sets intervals --seeds 1 --rows 500"))
    .action(async (flags) => {
      if (flags.member === true) return (await import("./member.ts")).benchMemberCommand(flags);
      return (await import("./regimes.ts")).benchRegimesCommand(flags);
    });
}

function addBenchUpdate(bench: Command): void {
  withTraining(
    bench
      .command("update")
      .description("compare updates with refits, on generated streams and on real rows")
      .option(
        "--sets <names>",
        "real sets, separated by commas; default: those that are available",
        commaList,
      )
      .option(
        "--seeds <number>",
        "number of seeds of data and fit, counted from --seed",
        seedCount,
        3,
      )
      .option("--rows <number>", "number of rows that a model is fitted on", regimeRows, 4000)
      .option("--new-rows <number>", "number of new rows", regimeRows, 1000)
      .option(
        "--steady <number>",
        "number of streams of 10,000 rows without a change",
        countNumber,
        200,
      )
      .option(
        "--shifted <number>",
        "number of shifted streams per size, regime and model",
        countNumber,
        10,
      )
      .option("--out <dir>", "folder for result.json"),
  )
    .addHelpText("after", example("bailiwick bench update --seeds 1 --steady 10 --shifted 2"))
    .action(async (flags) => (await import("./update.ts")).benchUpdateCommand(flags));
}

function addBenchFirstHour(bench: Command): void {
  bench
    .command("first-hour")
    .description("compare the error that a fit expects with that on test rows, by preset")
    .option(
      "--sets <names>",
      "data sets, separated by commas; default: the benchmark's in the mirror and water",
      commaList,
    )
    .option(
      "--splits <number>",
      "a number of splits, or a range as 0-4; default: 5 of a small set, 1 of a large one",
      splitRange,
    )
    .option("--presets <names>", "of auto, accurate, regimes; default: all", presetList)
    .option("--time <duration>", "until when the preset auto tries, 2m or 90s", duration)
    .option("--seed <number>", "seed of every random choice", seedNumber)
    .option("--threads <number>", "number of training threads", threadNumber)
    .option("--out <dir>", "folder for result.json and a log of finished fits")
    .option("--resume", "skip fits that an interrupted run to the same folder finished")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick bench first-hour --sets servo --time 30s"))
    .action(async (flags) => (await import("./first-hour.ts")).benchFirstHourCommand(flags));
}

function addBenchFabric(bench: Command): void {
  bench
    .command("fabric")
    .description("measure placement plans, policies and forecasts, and a cluster")
    .option(
      "--parts <names>",
      "some of plans, policies, forecast, tuning, nodes, audit, seal, cluster, with commas",
      fabricParts,
    )
    .option("--scenarios <dir>", "folder of scenarios", "experiments/fabric/scenarios")
    .option("--policy <file>", "policy of simulate --tune")
    .option(
      "--held-out <dir>",
      "folder of scenarios for that policy alone",
      "experiments/fabric/held-out",
    )
    .option("--demands <dir>", "folder of recorded demands, as demands.py writes them")
    .option("--tlog-tools <dir>", "folder with litewitness and tlog-tools, as the tests build them")
    .option(
      "--seeds <number>",
      "number of placement problems of each size, and of noisy series",
      seedCount,
      5,
    )
    .option(
      "--out <dir>",
      "folder for result.json; with --parts it keeps the other parts of an earlier one",
    )
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick bench fabric --seeds 1"))
    .action(async (flags) => (await import("./fabric.ts")).benchFabricCommand(flags));
}

function addBenchAccuracy(bench: Command): void {
  withTraining(
    bench
      .command("accuracy")
      .description("compare committees with baselines and other packages, on data sets")
      .option(
        "--sets <names>",
        "data sets, separated by commas; default: those in the package",
        commaList,
      )
      .option(
        "--splits <number>",
        "a number of splits, or a range as 0-4; default: all, or 5 for large sets without groups",
        splitRange,
      )
      .option(
        "--steps <numbers>",
        "numbers of training steps to choose among",
        stepList,
        [600, 3000, 15000],
      )
      .option(
        "--extend <number>",
        "try more steps, up to this number, while more steps win",
        countNumber,
        45_000,
      )
      .option(
        "--corrupt <share>",
        "replace the targets of this share of the training rows by those of other rows",
        shareNumber,
        0,
      )
      .addOption(
        new Option(
          "--families <name>",
          "members of the committee: mlp for networks only, all for every family",
        )
          .choices(["mlp", "all"])
          .default("all"),
      )
      .option("--no-peers", "do not run the regressors of other packages")
      .option(
        "--peers-from <result>",
        "take the peers' answers from an earlier result.json with the same splits",
      )
      .option(
        "--before <result>",
        "compare the committee's errors with those of an earlier result.json with the same splits",
      )
      .option("--out <dir>", "folder for result.json and a log of finished splits")
      .option("--resume", "skip splits that an interrupted run to the same folder finished")
      .option("--only-finished", "run nothing: summarise the finished splits"),
  )
    .option(
      "--scale <rows>",
      "instead, measure the time and memory of fits on these numbers of generated rows",
      sizeList,
    )
    .addHelpText("after", example("bailiwick bench accuracy --sets cars,servo --out out/accuracy"))
    .action(async (flags) => {
      if (flags.scale !== undefined) {
        return (await import("./scale.ts")).benchScaleCommand(flags);
      }
      return (await import("./accuracy.ts")).benchAccuracyCommand(flags);
    });
}
