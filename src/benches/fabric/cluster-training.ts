/** Training on two nodes: the bundle of one process, kills or not, and how many bytes it moves. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { createFabricExecutor, type Moved } from "../../cluster/training/index.ts";
import type { Samples } from "../../experts/index.ts";
import { DEFAULT_FIT, fitMixture } from "../../mixture/index.ts";
import { createRng } from "../../shared/rng.ts";
import { peerFailed } from "../peer-process.ts";
import type { CommandLine } from "../serving/process.ts";
import {
  type ClusterBench,
  connectSoon,
  delay,
  type NodeProcess,
  startNodeProcess,
} from "./cluster.ts";

export interface KilledTraining {
  readonly nRuns: number;
  /** Whose bundle has the digest of a run in one process. */
  readonly nIdentical: number;
  readonly nFinished: number;
  /** Kills that came while the run was under way. */
  readonly nKills: number;
}

const CONFIG = {
  name: "killed",
  data: "cars",
  protocol: { kind: "k-fold", folds: 2 },
  seed: 3,
  experts: [4],
  tuning: { steps: [600], extendTo: 600 },
};

/** In every run a trainer is killed at another moment, and started again. */
export async function killTrainers(bench: ClusterBench, nRuns: number): Promise<KilledTraining> {
  const folder = await mkdtemp(join(tmpdir(), "bailiwick-training-"));
  const config = join(folder, "config.json");
  await writeFile(config, JSON.stringify(CONFIG));
  const rng = createRng(1);
  const { serve, server } = bench;
  const startTrainer = (name: string): Promise<NodeProcess> =>
    startNodeProcess(serve, server.url, { name, train: true });
  const trainers = [await startTrainer("a"), await startTrainer("b")];
  const counts = { nIdentical: 0, nFinished: 0, nKills: 0 };
  try {
    const alone = await runOnce(serve, config, join(folder, "alone"), []);
    await alone.end;
    const wanted = await digestOf(join(folder, "alone"));
    for (let run = 0; run < nRuns; run++) {
      const out = join(folder, `run${run}`);
      const running = await runOnce(serve, config, out, ["--fabric", server.url]);
      await delay(1000 + 4000 * rng.uniform());
      if (running.child.exitCode === null) counts.nKills += 1;
      await trainers[run % 2]!.kill();
      const code = await running.end;
      if (code === 0) counts.nFinished += 1;
      if (code === 0 && (await digestOf(out)) === wanted) counts.nIdentical += 1;
      trainers[run % 2] = await startTrainer(run % 2 === 0 ? "a" : "b");
    }
    return { nRuns, ...counts };
  } finally {
    await Promise.all(trainers.map(({ kill }) => kill()));
    await rm(folder, { recursive: true, force: true });
  }
}

async function runOnce(
  [file, ...args]: CommandLine,
  config: string,
  out: string,
  more: readonly string[],
): Promise<{ readonly child: ChildProcess; readonly end: Promise<number | null> }> {
  const child = spawn(file, [...args, "run", config, "--out", out, "--threads", "1", ...more], {
    stdio: "ignore",
  });
  const end = new Promise<number | null>((resolve, reject) => {
    child.once("error", (cause) => reject(peerFailed("run", "it did not start", cause)));
    child.once("exit", resolve);
  });
  return { child, end };
}

const resultSchema = z.object({ bundleDigest: z.string() });

async function digestOf(out: string): Promise<string> {
  const text = await readFile(join(out, "result.json"), "utf8");
  return resultSchema.parse(JSON.parse(text)).bundleDigest;
}

export interface ShardedTraining extends Moved {
  /** Bytes moved ÷ the bytes if every task had carried all of its rows. */
  readonly ratio: number;
}

const N_ROWS = 8000;
const N_FEATURES = 8;

/** A fit of four experts to rows of two laws; bytes of nets count in both. */
export async function measureShards({
  serve,
  engine,
  server,
}: ClusterBench): Promise<ShardedTraining> {
  const trainers = await Promise.all(
    ["a", "b"].map((name) => startNodeProcess(serve, server.url, { name, train: true })),
  );
  const fabric = await connectSoon(server.url, "shards");
  // Closing an executor closes its engine, which is the bench's.
  const shared = { ...engine, close: async () => undefined };
  const executor = await createFabricExecutor(fabric, { engine: shared });
  try {
    await delay(1000);
    const tuning = { ...DEFAULT_FIT.tuning, steps: [600], extendTo: 600 };
    const options = { ...DEFAULT_FIT, experts: 4, tuning };
    await fitMixture(drawSamples(), options, executor);
    const moved = executor.moved();
    const nets = moved.taskBytes + moved.resultBytes;
    return { ...moved, ratio: (moved.rowBytes + nets) / (moved.reshuffledRowBytes + nets) };
  } finally {
    await executor.close();
    await fabric.close();
    await Promise.all(trainers.map(({ kill }) => kill()));
  }
}

function drawSamples(): Samples {
  const rng = createRng(1);
  const values = Float32Array.from({ length: N_ROWS * N_FEATURES }, () => rng.normal());
  const y = Float32Array.from({ length: N_ROWS }, (_, i) => {
    const [a, b, c] = values.subarray(i * N_FEATURES, i * N_FEATURES + 3);
    return (a! > 0 ? Math.sin(2 * b!) + c! : b! * c! - 1) + 0.1 * rng.normal();
  });
  const X = { values, nRows: N_ROWS, nColumns: N_FEATURES };
  return { X, y, weights: null, groups: null };
}
