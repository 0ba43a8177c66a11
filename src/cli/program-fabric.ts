/** The commands and options that involve several processes. */
import { type Command, Option } from "commander";
import { memorySize, POLICIES, pin, withFabric } from "./fabric-options.ts";
import { commaList, versionNumber } from "./option-values.ts";
import { example } from "./shared-options.ts";

const MEMORY = 256e6;

/** Options of a server whose experts may be on other machines. */
export function withServing(command: Command): Command {
  return withFabric(command, "embedded")
    .option("--zone <name>", "with a fabric: zone of this server", "default")
    .option(
      "--memory <size>",
      "with a fabric: memory for experts in this server; default: none",
      memorySize,
    )
    .option(
      "--replicas <number>",
      "with a fabric: number of nodes that hold each expert",
      versionNumber,
      1,
    )
    .option(
      "--pin <class=zones>",
      "with a fabric: zones that rows of a class stay in, * for rows without a class; repeatable",
      pin,
      new Map(),
    )
    .addOption(
      new Option("--policy <name>", "with a fabric: policy that decides when experts move")
        .choices(POLICIES)
        .default("predictive"),
    )
    .option("--retire", "with a fabric: take the models off it instead, which no server may serve")
    .option("--no-place", "with a fabric: leave placement to other servers")
    .option("--audit <file>", "with a fabric: log file of every move", "bailiwick-audit.jsonl")
    .option(
      "--audit-anchor <place>",
      "with a fabric: file or http(s) address that gets the hash of each line of the log",
    );
}

/** Options of a command whose training may run on other machines. */
export function withTrainers(command: Command): Command {
  return withFabric(command, "embedded").option(
    "--zones <names>",
    "with a fabric: zones that rows may go to; default: all",
    commaList,
  );
}

export function addFabric(program: Command): void {
  withFabric(
    program.command("node").description("hold experts, answer requests and train, on this machine"),
  )
    .requiredOption("--name <name>", "the node's name, unique in its zone")
    .option("--zone <name>", "zone of the node", "default")
    .option("--memory <size>", "memory for experts", memorySize, MEMORY)
    .option("--folder <dir>", "folder that keeps the experts' files between starts")
    .option("--watts <number>", "power at full load, in watts", Number, 0)
    .option("--gpu", "this machine has a GPU")
    .option("--no-train", "accept no training jobs")
    .addHelpText(
      "after",
      example("bailiwick node --fabric nats://127.0.0.1:4222 --name a --memory 512MB"),
    )
    .action(async (flags) => (await import("./node.ts")).nodeCommand(flags));
  const audit = program.command("audit").description("logs of the experts' moves");
  audit.addHelpText("after", example("bailiwick audit verify bailiwick-audit.jsonl"));
  audit
    .command("verify")
    .description("find lines of a log that were changed, removed or reordered")
    .argument("<log>", "the log file")
    .option("--anchor <file>", "a file of hashes from --audit-anchor that the log must match")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example("bailiwick audit verify bailiwick-audit.jsonl"))
    .action(async (log, flags) => (await import("./audit.ts")).auditVerifyCommand(log, flags));
}
