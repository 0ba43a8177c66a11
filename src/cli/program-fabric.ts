/** The commands and options that involve several processes. */
import type { Command } from "commander";
import { memorySize, pin, withFabric } from "./fabric-options.ts";
import {
  columnList,
  commaList,
  deltaNumber,
  duration,
  epsilonNumber,
  lineNumber,
  portNumber,
  secondsNumber,
  shortText,
  typeList,
  versionNumber,
} from "./option-values.ts";
import { DATA_HELP, example, withReading } from "./shared-options.ts";

const MEMORY = 256e6;
/** Enough to load a hundred megabytes elsewhere; containers are killed after ten seconds. */
const DRAIN_SECONDS = 8;

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
    .option(
      "--seal <class>",
      "with a fabric: class of rows that only nodes can read, not the server between; repeatable",
      collect,
      [],
    )
    .option(
      "--zone-key <key>",
      "with --seal: key of a zone that signs its nodes' keys, as audit key prints it; repeatable",
      collect,
      [],
    )
    .option(
      "--borders <file>",
      "file that says what may cross zones' borders, beside --pin, --seal",
    )
    .option(
      "--policy <name>",
      "with a fabric: when experts move: static, threshold, predictive, or a tuned policy's file",
      "predictive",
    )
    .option(
      "--node-start <time>",
      "with a fabric: time until a node that is wanted has joined, for example 2m; default: 30s",
      duration,
    )
    .option("--retire", "with a fabric: take the models off it instead, which no server may serve")
    .option("--no-place", "with a fabric: leave placement to other servers")
    .option("--audit <file>", "with a fabric: log file of every move", "bailiwick-audit.jsonl")
    .option(
      "--audit-anchor <place>",
      "with a fabric: file or http(s) address that gets the hash of each line of the log",
    )
    .option(
      "--audit-witnesses <file>",
      "with a fabric: policy file of the witnesses that sign the log; needs --audit-key",
    )
    .option("--audit-key <file>", "with a fabric: the log's key, from audit key");
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
    .option("--place <text>", "where this machine stands, for the audit log", shortText, "")
    .option("--gpu", "this machine has a GPU")
    .option("--no-train", "accept no training jobs")
    .option(
      "--drain-seconds <number>",
      "after SIGTERM, answer until other nodes have its experts, at most for this time",
      secondsNumber,
      DRAIN_SECONDS,
    )
    .option("--seal-key <file>", "the node's key for sealed rows, from node-key")
    .addHelpText(
      "after",
      example("bailiwick node --fabric nats://127.0.0.1:4222 --name a --memory 512MB"),
    )
    .action(async (flags) => (await import("./node.ts")).nodeCommand(flags));
  addKubernetes(program);
  addSeals(program);
  addSite(program);
  addAudit(program.command("audit").description("logs of the experts' moves"));
}

function addKubernetes(program: Command): void {
  const command = program
    .command("kubernetes")
    .description("serve the Models and start the NodePools of a Kubernetes namespace");
  withFabric(command)
    .requiredOption("--image <image>", "container image with bailiwick on its PATH")
    .option("--namespace <name>", "the namespace", "default")
    .option("--bundles <claim>", "PersistentVolumeClaim with the bundles", "bailiwick-bundles")
    .option("--tokens <secret>", "Secret with the servers' tokens", "bailiwick-tokens")
    .addHelpText(
      "after",
      example("bailiwick kubernetes --fabric nats://nats:4222 --image registry/bailiwick:0.1.0"),
    )
    .action(async (flags) => (await import("./kubernetes.ts")).kubernetesCommand(flags));
}

function addSeals(program: Command): void {
  program
    .command("node-key")
    .description("make a node's key for sealed rows, signed by the key of its zone")
    .argument("<node>", "the node, as zone.name")
    .requiredOption("--key <file>", "the zone's key, from audit key with the zone as its name")
    .requiredOption("--out <file>", "file to write the node's key to")
    .option("--days <number>", "days for which routers trust it", versionNumber, 365)
    .addHelpText("after", example("bailiwick node-key eu.a --key eu.key --out a.key"))
    .action(async (node, flags) => (await import("./node-key.ts")).nodeKeyCommand(node, flags));
  const explain = "bailiwick borders explain patients us --borders borders.json";
  const borders = program.command("borders").description("what may cross the borders of zones");
  borders
    .addHelpText("after", example(explain))
    .command("explain")
    .description("print what of a class of rows may go to a zone, how, and which line says so")
    .argument("<class>", "the class; * for rows of no class")
    .argument("<zone>", "the zone")
    .requiredOption("--borders <file>", "the file, as serve takes it")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example(explain))
    .action(async (rowClass, zone, flags) =>
      (await import("./borders.ts")).bordersExplainCommand(rowClass, zone, flags),
    );
}

function addSite(program: Command): void {
  withReading(
    withFabric(
      program
        .command("site")
        .description("hold rows that stay on this machine, and answer sums over them for a fit"),
    )
      .requiredOption("--name <name>", "the site's name, unique in its zone")
      .option("--zone <name>", "zone of the site", "default")
      .option("--data <data>", DATA_HELP)
      .option("--sites <names>", "in place of data: sites whose sums are added here", commaList)
      .option("--target <name>", "the column to predict (default for data sets with a name)")
      .option("--drop <names>", "columns that are not features, separated by commas", columnList)
      .option(
        "--keep <names>",
        "columns that are features though they seem to identify rows",
        columnList,
      )
      .option("--types <list>", "column types, as name=number,name=category,name=date", typeList)
      .option("--plain", "also answer fits of fewer than three sites, which see this site's sums")
      .option("--ledger <file>", "file of what was told; default <name>.ledger.jsonl")
      .option(
        "--epsilon-limit <number>",
        "answer noised sums only, up to this ε for a row in all",
        epsilonNumber,
      )
      .option(
        "--delta-limit <number>",
        "with --epsilon-limit: its δ (default: 0.000001)",
        deltaNumber,
      ),
  )
    .addHelpText(
      "after",
      example("bailiwick site --fabric nats://127.0.0.1:4222 --name a --data a.csv --target y"),
    )
    .action(async (flags) => (await import("./site.ts")).siteCommand(flags));
}

const VERIFY = "bailiwick audit verify bailiwick-audit.jsonl";

function addAudit(audit: Command): void {
  audit.addHelpText("after", example(VERIFY));
  audit
    .command("verify")
    .description("find lines of a log that were changed, removed or reordered")
    .argument("<log>", "the log file")
    .option("--anchor <file>", "a file of hashes from --audit-anchor that the log must match")
    .option("--witnesses <file>", "policy file of the witnesses that must have signed the log")
    .option("--offline", "with --witnesses: do not ask them whether they have seen more lines")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", example(VERIFY))
    .action(async (log, flags) => (await import("./audit.ts")).auditVerifyCommand(log, flags));
  audit
    .command("prove")
    .description("print a line of a log, and write a proof that witnesses have signed it")
    .argument("<log>", "the log file, with its checkpoint beside it")
    .argument("<line>", "number of the line, counted from 1", lineNumber)
    .requiredOption("--out <file>", "file to write the proof to")
    .addHelpText(
      "after",
      example("bailiwick audit prove bailiwick-audit.jsonl 17 --out 17.tlog-proof > 17.line"),
    )
    .action(async (log, line, flags) =>
      (await import("./audit.ts")).auditProveCommand(log, line, flags),
    );
  audit
    .command("check")
    .description("check a line by its proof, without the log and without a network")
    .argument("<proof>", "file from audit prove")
    .argument("<line>", "file with the line")
    .requiredOption("--witnesses <file>", "policy file of the log and its witnesses")
    .option("--json", "one JSON document on stdout")
    .addHelpText(
      "after",
      example("bailiwick audit check 17.tlog-proof 17.line --witnesses witnesses.policy"),
    )
    .action(async (proof, line, flags) =>
      (await import("./audit.ts")).auditCheckCommand(proof, line, flags),
    );
  addWitness(audit);
}

function addWitness(audit: Command): void {
  audit
    .command("key")
    .description("make the key of a log or of a witness, and print what others check it by")
    .argument("<name>", "the log's or witness's name, as an address without https://")
    .requiredOption("--out <file>", "file to write the secret to")
    .option("--witness", "the key of a witness; default: of a log")
    .addHelpText("after", example("bailiwick audit key plant-a.example/audit --out audit.key"))
    .action(async (name, flags) => (await import("./audit.ts")).auditKeyCommand(name, flags));
  audit
    .command("witness")
    .description("sign logs that only grow, as a server on another machine than theirs")
    .requiredOption("--key <file>", "the witness's key, from audit key --witness")
    .requiredOption("--folder <dir>", "folder that keeps what it signed last")
    .requiredOption("--log <key>", "key of a log, as audit key prints it; repeatable", collect, [])
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <number>", "port to listen on; 0: any", portNumber, 7380)
    .addHelpText(
      "after",
      example("bailiwick audit witness --key w1.key --folder w1 --log plant-a.example/audit+…"),
    )
    .action(async (flags) => (await import("./audit.ts")).auditWitnessCommand(flags));
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
