/** The commands and options of more than one process. */
import { type Command, Option } from "commander";
import { memorySize, POLICIES, pin, withFabric } from "./fabric-options.ts";
import { commaList, versionNumber } from "./option-values.ts";
import { example } from "./shared-options.ts";

const MEMORY = 256e6;

/** A server whose experts may be elsewhere. */
export function withServing(command: Command): Command {
  return withFabric(command, "embedded")
    .option("--zone <name>", "with a fabric: where this server is", "default")
    .option("--memory <size>", "with a fabric: room for experts here; none if left out", memorySize)
    .option("--replicas <number>", "with a fabric: nodes that hold each expert", versionNumber, 1)
    .option(
      "--pin <class=zones>",
      "with a fabric: zones that rows of a class stay in, * for rows of none; repeatable",
      pin,
      new Map(),
    )
    .addOption(
      new Option("--policy <name>", "with a fabric: when experts are moved")
        .choices(POLICIES)
        .default("predictive"),
    )
    .option("--no-place", "with a fabric: leave placing to others")
    .option("--audit <file>", "with a fabric: log of every move", "bailiwick-audit.jsonl");
}

/** A command whose training may be elsewhere. */
export function withTrainers(command: Command): Command {
  return withFabric(command, "embedded").option(
    "--zones <names>",
    "with a fabric: zones that the rows may go to; any if left out",
    commaList,
  );
}

export function addFabric(program: Command): void {
  withFabric(
    program.command("node").description("hold experts, answer for them and train, on this machine"),
  )
    .requiredOption("--name <name>", "the node's name, its own in its zone")
    .option("--zone <name>", "where it is", "default")
    .option("--memory <size>", "room for experts", memorySize, MEMORY)
    .option("--folder <dir>", "where experts' files are kept between starts")
    .option("--watts <number>", "at full load", Number, 0)
    .option("--gpu", "say that this machine has one")
    .option("--no-train", "take no training jobs")
    .addHelpText(
      "after",
      example("bailiwick node --fabric nats://127.0.0.1:4222 --name a --memory 512MB"),
    )
    .action(async (flags) => (await import("./node.ts")).nodeCommand(flags));
  const audit = program.command("audit").description("logs of what was moved, when and why");
  audit.addHelpText("after", example("bailiwick audit verify bailiwick-audit.jsonl"));
  audit
    .command("verify")
    .description("find a line of a log that was changed, is missing or out of its order")
    .argument("<log>", "the log's file")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick audit verify bailiwick-audit.jsonl"))
    .action(async (log, flags) => (await import("./audit.ts")).auditVerifyCommand(log, flags));
}
