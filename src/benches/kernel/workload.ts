/**
 * The workload that training speed is measured on, and our engines' turns at it.
 *
 * Workload W is one epoch over 10,000 rows of 10 features by a net 10 → 32 → 32 → 1 with tanh and
 * Adam. Rows and first parameters are drawn here once, and every peer gets the same.
 */
import {
  countParameters,
  type Engine,
  initNet,
  type Net,
  type TrainTask,
} from "../../experts/index.ts";
import { type Matrix, matrix } from "../../shared/matrix.ts";
import { childSeed, createRng } from "../../shared/rng.ts";

export interface Workload {
  readonly X: Matrix;
  /** Shape (X.nRows,). */
  readonly y: Float32Array;
  /** The net before training. */
  readonly net: Net;
  readonly learningRate: number;
}

const HIDDEN = [32, 32];
const LEARNING_RATE = 0.003;
const SEED = 1;

/** Uniform features and a smooth target of three of them. */
export function createWorkload(nRows: number, nFeatures: number): Workload {
  const rng = createRng(childSeed(SEED, "rows"));
  const values = Float32Array.from({ length: nRows * nFeatures }, () => 2 * rng.uniform() - 1);
  const y = Float32Array.from({ length: nRows }, (_, i) => {
    const [a, b, c] = values.subarray(i * nFeatures, i * nFeatures + 3);
    return Math.sin(3 * a!) + b! * c!;
  });
  const shape = { sizes: [nFeatures, ...HIDDEN, 1], activation: "tanh" } as const;
  const net = initNet(shape, createRng(childSeed(SEED, "parameters")));
  return { X: matrix(values, nRows, nFeatures), y, net, learningRate: LEARNING_RATE };
}

/** Epochs from the first parameters, in full batches: the last one runs into the next epoch. */
export function epochTask(
  { X, y, net, learningRate }: Workload,
  batchSize: number,
  nEpochs = 1,
): TrainTask {
  return {
    net,
    loss: "squared-error",
    targets: y,
    rows: Int32Array.from({ length: X.nRows }, (_, i) => i),
    weights: null,
    options: {
      steps: Math.ceil((nEpochs * X.nRows) / batchSize),
      batchSize,
      learningRate,
      weightDecay: 0,
      schedule: "constant",
      warmupSteps: 0,
      clipNorm: Number.MAX_VALUE,
      seed: SEED,
    },
  };
}

/**
 * CPU milliseconds of one epoch of each of `nNets` nets: of a task of `nEpochs` epochs, divided by
 * those. The task goes on where an epoch ended, as the peers do, whose data and nets stay in place.
 */
export async function epochCpuMs(
  engine: Engine,
  workload: Workload,
  batchSize: number,
  { nNets = 1, nEpochs = 1 }: { readonly nNets?: number; readonly nEpochs?: number } = {},
): Promise<number> {
  const tasks = Array.from({ length: nNets }, () => epochTask(workload, batchSize, nEpochs));
  return (await cpuMsOf(() => engine.train(workload.X, tasks))) / nEpochs;
}

/** Mean squared error over all rows after one epoch from the first parameters. */
export async function mseAfterEpoch(
  engine: Engine,
  workload: Workload,
  batchSize: number,
): Promise<number> {
  const [trained] = await engine.train(workload.X, [epochTask(workload, batchSize)]);
  const outputs = engine.predict(trained!.net, workload.X);
  return outputs.reduce((sum, f, i) => sum + (f - workload.y[i]!) ** 2, 0) / outputs.length;
}

/** Microseconds of CPU time to predict one row, called from JavaScript, over `nCalls` calls. */
export async function rowCpuUs(
  engine: Engine,
  { X, net }: Workload,
  nCalls: number,
): Promise<number> {
  const rows = Array.from({ length: Math.min(X.nRows, 1000) }, (_, i) =>
    matrix(X.values.slice(i * X.nColumns, (i + 1) * X.nColumns), 1, X.nColumns),
  );
  const spent = await cpuMsOf(async () => {
    for (let c = 0; c < nCalls; c++) engine.predict(net, rows[c % rows.length]!);
  });
  return (1000 * spent) / nCalls;
}

/** CPU time of this process, all its threads, while `work` ran. */
export async function cpuMsOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/**
 * Floating-point operations of one epoch that are matrix products: 2 a weight and row forward, 4
 * backward, but 2 in the first layer, whose inputs need no gradient.
 */
export function epochFlops({ X, net }: Workload): number {
  const nBiases = net.sizes.slice(1).reduce((sum, width) => sum + width);
  const nWeights = countParameters(net.sizes) - nBiases;
  return X.nRows * (6 * nWeights - 2 * net.sizes[0]! * net.sizes[1]!);
}
