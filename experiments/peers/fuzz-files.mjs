// Spoilt bundles and tables: `node experiments/peers/fuzz-files.mjs [COUNT] [SEED] [DIST]` after a build.
//
// COUNT bundles and COUNT tables of each format are spoilt at random and read by a process whose heap
// may hold 2 GB; a bundle that can be read predicts. Printed is, as one JSON document, for each kind:
// how many were read, how many were refused by which code, and what must not be: "unhandled", an
// error that is none of the package's; "crashed", the end of the process, by memory or otherwise;
// "hung", an item that took half a minute of processor time. Exits with 1 if anything is.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const WORKER = fileURLToPath(new URL("fuzz-files-worker.mjs", import.meta.url));
const KINDS = ["bundle", "arrow", "csv", "json"];
/** Of processor time: other work on the machine does not count. */
const HANG_MS = 30_000;
/** Without an end, whatever it waits for. */
const IDLE_MS = 900_000;
const LOOK_MS = 2000;
/** Of /proc: a hundredth of a second. */
const TICK_MS = 10;
const MAX_SHOWN = 10;

/** Reads items of a kind from `first` until all are done or the process ends; the last one begun. */
function readSome(kind, first, count, seed, report) {
  return new Promise((resolve) => {
    const args = ["--max-old-space-size=2048", WORKER, kind, first, count, seed, dist].map(String);
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    let [begun, isHung, said] = [first, false, ""];
    let [since, usedMs] = [performance.now(), 0];
    const watch = () => {
      [since, usedMs] = [performance.now(), processorMs(child.pid)];
    };
    const timer = setInterval(() => {
      const isBusy = processorMs(child.pid) - usedMs > HANG_MS;
      if (!isBusy && performance.now() - since < IDLE_MS) return;
      isHung = true;
      child.kill("SIGKILL");
    }, LOOK_MS);
    child.stderr.on("data", (chunk) => {
      said = `${said}${chunk}`.slice(-500);
    });
    createInterface({ input: child.stdout }).on("line", (line) => {
      watch();
      const item = JSON.parse(line);
      if (item.begun !== undefined) begun = item.begun;
      else if (item.unhandled !== undefined) report.unhandled.push(item);
      else for (const [code, n] of Object.entries(item.ended)) add(report.ended, code, n);
    });
    child.on("close", (code) => {
      clearInterval(timer);
      if (isHung) report.hung.push({ item: begun });
      else if (code !== 0) report.crashed.push({ item: begun, code, said });
      resolve(isHung || code !== 0 ? begun + 1 : count);
    });
  });
}

/** Milliseconds of processor time that a process has used; 0 where the system does not say. */
function processorMs(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
    return TICK_MS * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return 0;
  }
}

function add(counts, name, n) {
  counts[name] = (counts[name] ?? 0) + n;
}

const [count = 1000, seed = 1] = process.argv.slice(2, 4).map(Number);
const dist = resolve(process.argv[4] ?? fileURLToPath(new URL("../../dist", import.meta.url)));
const result = {};
let nFaults = 0;
for (const kind of KINDS) {
  const report = { count, ended: {}, unhandled: [], crashed: [], hung: [] };
  for (let next = 0; next < count; ) next = await readSome(kind, next, count, seed, report);
  const { unhandled, crashed, hung, ...rest } = report;
  nFaults += unhandled.length + crashed.length + hung.length;
  const shown = { unhandled, crashed, hung };
  for (const name in shown) {
    rest[name] = shown[name].length;
    if (shown[name].length > 0) rest[`${name}Shown`] = shown[name].slice(0, MAX_SHOWN);
  }
  result[kind] = rest;
}
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
process.exitCode = nFaults === 0 ? 0 : 1;
