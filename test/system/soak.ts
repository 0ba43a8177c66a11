/**
 * The command under full load while its bundle is replaced again and again.
 *
 * Every version has its own numbers for the same rows, known beforehand, so that an answer that
 * mixes versions, or states another than it used, is found. Memory is what the server's own
 * metrics say.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import autocannon from "autocannon";
import { writeBundle } from "../../src/bundle/index.ts";
import { tableFromRecords } from "../../src/data/index.ts";
import { createWasmEngine } from "../../src/experts/index.ts";
import { predict } from "../../src/mixture/index.ts";
import { makeContent } from "../bundle/models.ts";
import { installCommand } from "../cli/command.ts";

export interface SoakOptions {
  readonly seconds: number;
  readonly reloadEveryS: number;
  readonly connections: number;
}

export interface SoakReport {
  readonly answers: number;
  /** Anything but a 200: refusals, errors, timeouts. */
  readonly failed: number;
  /** Answers whose numbers are not those of the version they state. */
  readonly mixed: number;
  /** Versions that answered. */
  readonly versions: readonly string[];
  /** Resident bytes, a sample a second. */
  readonly memoryBytes: readonly number[];
}

const N_ROWS = 64;
const FEATURES = Array.from({ length: 10 }, (_, j) => ({
  type: "number" as const,
  name: `f${j}`,
  median: 0,
  mean: 0,
  scale: 1,
  indicator: false,
}));

const contentOf = (version: number) =>
  makeContent({
    seed: version,
    experts: ["mlp", "mlp", "mlp", "mlp"],
    gate: "softmax",
    hidden: [32, 32],
    features: FEATURES,
  });

const CELLS = Array.from({ length: N_ROWS * 10 }, (_, i) => Math.sin(i));

/** The predictions of the rows by a version, as the JSON of an answer has them. */
async function answersOf(nVersions: number): Promise<ReadonlyMap<string, string>> {
  const engine = await createWasmEngine();
  const records = Array.from({ length: N_ROWS }, (_, i) =>
    Object.fromEntries(FEATURES.map(({ name }, j) => [name, CELLS[i * 10 + j]])),
  );
  const answers = new Map<string, string>();
  for (let version = 1; version <= nVersions; version++) {
    const { model } = contentOf(version);
    const { values } = predict(engine, model, tableFromRecords(records, model.preprocessing));
    answers.set(String(version), JSON.stringify([...values]));
  }
  await engine.close();
  return answers;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function soak(options: SoakOptions): Promise<SoakReport> {
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-soak-"));
  const cli = installCommand();
  await writeBundle(folder, contentOf(1));
  const child = cli.start("serve", folder, "--port", "0", "--log-level", "info");
  try {
    const address = await new Promise<string>((resolve) => {
      child.stderr!.on("data", (chunk: Buffer) => {
        const found = /serving (\S+) at (http:\S+)\/v2/.exec(String(chunk));
        if (found !== null) resolve(`${found[2]}|${found[1]}`);
      });
    });
    const [origin, model] = address.split("|") as [string, string];
    return await load(folder, { origin, model }, options);
  } finally {
    child.kill("SIGTERM");
    rmSync(folder, { recursive: true, force: true });
    cli.remove();
  }
}

interface Target {
  readonly origin: string;
  readonly model: string;
}

async function load(folder: string, target: Target, options: SoakOptions): Promise<SoakReport> {
  const nVersions = 1 + Math.floor(options.seconds / options.reloadEveryS);
  const expected = await answersOf(nVersions);
  const seen = new Set<string>();
  let mixed = 0;
  const onResponse = (status: number, body: string): void => {
    if (status !== 200) return;
    const [, version = ""] = /"model_version":"(\d+)"/.exec(body) ?? [];
    seen.add(version);
    if (!body.includes(`"data":${expected.get(version)}`)) mixed++;
  };
  const input = { name: "rows", shape: [N_ROWS, 10], datatype: "FP64", data: CELLS };
  const running = autocannon({
    url: `${target.origin}/v2/models/${target.model}/infer`,
    connections: options.connections,
    duration: options.seconds,
    requests: [
      {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ inputs: [input] }),
        onResponse,
      },
    ],
  });
  const memoryBytes: number[] = [];
  let done = false;
  const watching = watch(target, memoryBytes, () => done);
  const replacing = replace(folder, nVersions, options.reloadEveryS, () => done);
  const result = await running;
  done = true;
  await Promise.all([watching, replacing]);
  const failed = result.errors + result.timeouts + result.non2xx;
  const answers = result.requests.total;
  return { answers, failed, mixed, versions: [...seen], memoryBytes };
}

async function replace(
  folder: string,
  nVersions: number,
  everyS: number,
  isDone: () => boolean,
): Promise<void> {
  for (let version = 2; version <= nVersions; version++) {
    await wait(everyS * 1000);
    if (isDone()) return;
    await writeBundle(folder, contentOf(version));
  }
}

async function watch(
  { origin }: Target,
  memoryBytes: number[],
  isDone: () => boolean,
): Promise<void> {
  while (!isDone()) {
    const text = await (await fetch(`${origin}/metrics`)).text();
    memoryBytes.push(Number(/^process_resident_memory_bytes (\d+)/m.exec(text)?.[1]));
    await wait(1000);
  }
}

/** The median of the last quarter over that of the second. */
export function memoryGrowth(memoryBytes: readonly number[]): number {
  const quarter = Math.floor(memoryBytes.length / 4);
  const median = (part: readonly number[]): number =>
    [...part].sort((a, b) => a - b)[part.length >> 1]!;
  return median(memoryBytes.slice(-quarter)) / median(memoryBytes.slice(quarter, 2 * quarter));
}
