/**
 * Programs about transparency logs that others wrote: torchwood's `litewitness`, and Go's sumdb/note
 * and sumdb/tlog behind test/system/tlog-tools. Built from their Go modules once (a minute of CPU
 * time) and kept in node_modules/.cache.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { until } from "../cluster/fabric/conformance.ts";
import { freePort } from "../cluster/fabric/nats-server.ts";

const CACHE = fileURLToPath(new URL("../../node_modules/.cache/bailiwick", import.meta.url));
const SOURCE = fileURLToPath(new URL("tlog-tools", import.meta.url));
const WITNESS = "filippo.io/torchwood/cmd/litewitness";
const BUILD_TIMEOUT_MS = 900_000;

export interface TlogTools {
  readonly litewitness: string;
  readonly tools: string;
}

/** @throws with the lines to run by hand if they cannot be built. */
export function findTlogTools(): TlogTools {
  const sources = ["main.go", "go.mod", "go.sum"].map((name) => readFileSync(join(SOURCE, name)));
  const digest = createHash("sha256").update(Buffer.concat(sources)).digest("hex").slice(0, 12);
  const folder = join(CACHE, `tlog-tools-${digest}`);
  if (!existsSync(folder)) build(folder);
  return { litewitness: join(folder, "litewitness"), tools: join(folder, "tlog-tools") };
}

function build(folder: string): void {
  const half = `${folder}.half`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true });
  const go = ["go", "/usr/local/go/bin/go"].find((path) => {
    return spawnSync(path, ["version"]).status === 0;
  });
  const args = ["build", "-buildvcs=false", "-o", `${half}/`, ".", WITNESS];
  const byHand = `  cd ${SOURCE}\n  go ${args.join(" ")}\n  mv ${half} ${folder}`;
  if (go === undefined) {
    const needs = "Go 1.24 or later must be installed (apt-get install golang-go, or go.dev/dl)";
    throw new Error(`${needs}; the tests then run, or by hand:\n${byHand}`);
  }
  try {
    execFileSync(go, args, { cwd: SOURCE, stdio: "pipe", timeout: BUILD_TIMEOUT_MS });
  } catch (cause) {
    throw new Error(`litewitness must be buildable from its Go module:\n${byHand}`, { cause });
  }
  renameSync(half, folder);
}

export interface Litewitness {
  /** A verifier key, as it prints it. */
  readonly key: string;
  readonly url: string;
  stop(): void;
}

/** Starts it for one log, its key in an agent of its own. */
export async function startLitewitness(
  { litewitness, tools }: TlogTools,
  folder: string,
  log: string,
): Promise<Litewitness> {
  mkdirSync(folder, { recursive: true });
  const [db, socket] = [join(folder, "db"), join(folder, "agent")];
  execFileSync(tools, ["add-log", db, log]);
  const agent = spawn(tools, ["agent", socket], { stdio: ["ignore", "pipe", "inherit"] });
  const fingerprint = await firstLine(agent);
  const url = `127.0.0.1:${await freePort()}`;
  const args = ["-db", db, "-name", "lite.example/w1", "-key", fingerprint];
  const witness = spawn(litewitness, [...args, "-ssh-agent", socket, "-listen", url], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  witness.stderr.on("data", (chunk) => {
    said += String(chunk);
  });
  const key = await until(() => /vkey=(\S+)[\s\S]*listening/.exec(said)?.[1], 30_000);
  return {
    key: key.replaceAll('"', ""),
    url: `http://${url}`,
    stop: () => {
      witness.kill();
      agent.kill();
    },
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    createInterface({ input: child.stdout! }).once("line", resolve);
  });
}

/**
 * What Go's packages read of a proof: the log, its size and the line's index, then who signed.
 *
 * @throws if they refuse it.
 */
export function readByGo(
  { tools }: TlogTools,
  folder: string,
  files: { readonly keys: readonly string[]; readonly proof: string; readonly line: string },
): string[] {
  const paths = Object.entries({ ...files, keys: files.keys.join("\n") }).map(([name, text]) => {
    const path = join(folder, `go.${name}`);
    writeFileSync(path, text);
    return [name, path] as const;
  });
  const at = new Map<string, string>(paths);
  const args = ["read", at.get("keys")!, at.get("proof")!, at.get("line")!];
  return execFileSync(tools, args, { encoding: "utf8", stdio: "pipe" }).trim().split("\n");
}
