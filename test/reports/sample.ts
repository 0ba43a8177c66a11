/** A run's result made by hand, with figures like those of a real run. */
import {
  type ExperimentResult,
  METHODS,
  type MethodResult,
  parseConfig,
  type SplitPredictions,
  type SplitResult,
} from "../../src/experiments/index.ts";
import { summarise } from "../../src/experiments/summarise.ts";
import { regressionMetrics } from "../../src/metrics/index.ts";
import type { RoundRecord } from "../../src/mixture/index.ts";
import { createRng, type Rng } from "../../src/shared/rng.ts";

export interface Sample {
  readonly result: ExperimentResult;
  readonly predictions: readonly SplitPredictions[];
  readonly rounds: readonly RoundRecord[];
}

export interface SampleOptions {
  readonly nSplits?: number;
  readonly nExperts?: number;
  readonly nTest?: number;
  /** Stands wherever a user's own words do. */
  readonly name?: string;
}

const RMSE = { mixture: 4.1, single: 5.2, wide: 5.3, ensemble4: 4.6, equalCost: 4.5, kmeans: 5.6 };
const COST = { mixture: 9.8, single: 1, wide: 4.1, ensemble4: 4, equalCost: 10, kmeans: 4 };
const N_TRAIN = 824;
const N_PARAMETERS = 1377;

export function sampleRun(options: SampleOptions = {}): Sample {
  const { nSplits = 3, nExperts = 4, nTest = 206, name = "strength" } = options;
  const rng = createRng(7);
  const predictions = Array.from({ length: nSplits }, (_, split) =>
    samplePredictions(split, nTest, nExperts, rng),
  );
  const splits = predictions.map((own) => sampleSplit(own, nExperts, rng));
  const config = parseConfig({ name, data: name, group: name, drop: [name] });
  const result: ExperimentResult = {
    formatVersion: 1,
    name,
    dataset: {
      name,
      sha256: "6f0beeda386dc0c77d77e24eeafff2ffd657fcf1a60ba752560b4ee3609fb743",
      nRows: N_TRAIN + nTest,
      nFeatures: 8,
      target: name,
      warnings: [`column "${name}" is constant`],
    },
    protocol: config.protocol,
    config,
    seed: 1,
    versions: { bailiwick: "0.1.0", node: "v20.20.2" },
    engine: "wasm",
    createdAt: "2026-01-02T03:04:05.678Z",
    fitMs: 44_949.6,
    splits,
    ...summarise(splits),
    bundleDigest: null,
  };
  return { result, predictions, rounds: nExperts === 1 ? [] : sampleRounds(nExperts) };
}

/** The truth from 2 to 82, each expert ruling a quarter of it, errors of the mixture's size. */
function samplePredictions(
  split: number,
  nTest: number,
  nExperts: number,
  rng: Rng,
): SplitPredictions {
  const truth = Float64Array.from({ length: nTest }, () => 2 + 80 * rng.uniform());
  return {
    split,
    truth,
    mixture: truth.map((value) => value + RMSE.mixture * rng.normal()),
    single: truth.map((value) => value + RMSE.single * rng.normal()),
    experts: Int32Array.from(truth, (value) => Math.floor((value / 83) * nExperts)),
  };
}

function sampleSplit(
  { split, truth, mixture, experts }: SplitPredictions,
  nExperts: number,
  rng: Rng,
): SplitResult {
  const perExpert = Array.from({ length: nExperts }, (_, k) => {
    const own = [...truth.keys()].filter((i) => experts[i] === k);
    const squares = own.reduce((sum, i) => sum + (truth[i]! - mixture[i]!) ** 2, 0);
    return { nSamples: own.length, mse: own.length === 0 ? null : squares / own.length };
  });
  const { rmse: own } = regressionMetrics(truth, mixture);
  const methods = METHODS.map((method) => {
    const luck = method === "mixture" ? 1 : 1 + 0.03 * rng.normal();
    const rmse = (own / RMSE.mixture) * RMSE[method] * luck;
    return [method, sampleMethod(rmse, truth.length, COST[method])] as const;
  });
  return {
    split,
    nTrain: N_TRAIN,
    nTest: truth.length,
    settings: { steps: 3000 * (1 + split), learningRate: 0.004, weightDecay: 0.05 },
    candidates: [
      { nExperts: 1, holdOutMse: 0.0979, standardError: 0.0061 },
      { nExperts: 2, holdOutMse: 0.0893, standardError: 0.0047 },
      { nExperts: 4, holdOutMse: 0.0812, standardError: 0.0012 },
      { nExperts: 8, holdOutMse: 0.0806, standardError: 0 },
    ],
    nExperts,
    equalCostSize: 10,
    perExpert,
    methods: Object.fromEntries(methods),
  };
}

function sampleMethod(rmse: number, nSamples: number, costs: number): MethodResult {
  return {
    nSamples,
    mse: rmse ** 2,
    rmse,
    mae: 0.7 * rmse,
    r2: 0.93,
    fitMs: 3754,
    cost: costs * 1_982_880_000,
    nParameters: Math.round(costs * N_PARAMETERS),
  };
}

/** Twelve rounds in which experts part ways; the last of them leaves half-way. */
function sampleRounds(nExperts: number): readonly RoundRecord[] {
  return Array.from({ length: 12 }, (_, round) => {
    const left = round < 6 ? nExperts + 1 : nExperts;
    const raw = Array.from({ length: left }, (_, k) =>
      k < nExperts ? 1 + 0.08 * round * k : 1 / (1 + round),
    );
    const total = raw.reduce((sum, share) => sum + share, 0);
    return {
      temperature: 1 - round / 11,
      shares: raw.map((share) => share / total),
      noise: 0.3 / (1 + round),
      churn: round === 0 ? 0 : 0.2 / round,
    };
  });
}
