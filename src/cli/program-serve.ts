/** The command `serve` and its options. */
import { type Command, Option } from "commander";
import { DEFAULT_SHIP } from "../shared/choices.ts";
import {
  commaList,
  countNumber,
  portNumber,
  rowNumber,
  secondsNumber,
  shipList,
  versionNumber,
} from "./option-values.ts";
import { withServing } from "./program-fabric.ts";
import { example } from "./shared-options.ts";

const DRAIN_SECONDS = 1;

export function addServe(program: Command): void {
  const command = program
    .command("serve")
    .description("answer predictions over HTTP (Open Inference Protocol V2)")
    .argument("<bundles...>", "bundle folders; each model has the name of its folder");
  withServing(withLimits(withAddress(command)))
    .addHelpText("after", example("bailiwick serve models/concrete --port 8080"))
    .action(async (bundles, flags) => (await import("./serve.ts")).serveCommand(bundles, flags));
}

/** Options of the server's address, and of the clients that it answers. */
function withAddress(command: Command): Command {
  return command
    .option("--host <address>", "address to bind to", "127.0.0.1")
    .option("--port <number>", "port to bind to, 0 for any free one", portNumber, 8080)
    .option("--token-file <file>", "bearer tokens, one per line (or one in BAILIWICK_TOKEN)")
    .option(
      "--origin <url>",
      "origin of a web page that may send requests; repeatable",
      (origin: string, before: readonly string[]) => [...before, origin],
      [],
    )
    .option(
      "--ship <kinds>",
      "kinds that pages may download: mlp, ridge, gp, trees, forest, svm (gates); or none",
      shipList,
      DEFAULT_SHIP,
    )
    .option(
      "--trust-proxy <addresses>",
      "proxies whose X-Forwarded-For is trusted: addresses or networks, separated by commas",
      commaList,
      [],
    );
}

function withLimits(command: Command): Command {
  return command
    .option(
      "--rate-limit <number>",
      "requests per second of one client, 0 for no limit",
      countNumber,
      0,
    )
    .option("--max-rows <number>", "largest number of rows of one request", rowNumber, 100_000)
    .option(
      "--batch-wait <ms>",
      "longest time that a small request waits for a batch, in ms",
      countNumber,
      0,
    )
    .option(
      "--versions <number>",
      "number of versions of a bundle that are served",
      versionNumber,
      2,
    )
    .option(
      "--drain-seconds <number>",
      "after SIGTERM, keep answering for this time (not ready), then close",
      secondsNumber,
      DRAIN_SECONDS,
    )
    .addOption(
      new Option("--log-level <name>", "debug logs every request")
        .choices(["debug", "info", "warn", "error"])
        .default("info"),
    );
}
