/** A result as a run leaves it: three splits, two experts, figures a reader can follow. */
import type {
  ExperimentResult,
  MethodResult,
  SplitPredictions,
} from "../../src/experiments/index.ts";
import { parseConfig } from "../../src/experiments/index.ts";
import { summarise } from "../../src/experiments/summarise.ts";
import type { RoundRecord } from "../../src/mixture/index.ts";

const METHODS = { mixture: 4, single: 5, wide: 5.2, ensemble4: 4.4, equalCost: 4.3, kmeans: 5.1 };

function method(rmse: number): MethodResult {
  const mse = rmse ** 2;
  return {
    nSamples: 50,
    mse,
    rmse,
    mae: 0.8 * rmse,
    r2: 0.9,
    fitMs: 100,
    cost: 1e6,
    nParameters: 99,
  };
}

export function sampleResult(nSplits: number, name = "sample"): ExperimentResult {
  const splits = Array.from({ length: nSplits }, (_, split) => ({
    split,
    nTrain: 200,
    nTest: 50,
    settings: { steps: 3000, learningRate: 0.01, weightDecay: 0.05 },
    candidates: [
      { nExperts: 1, holdOutMse: 0.1, standardError: 0.01 },
      { nExperts: 2, holdOutMse: 0.08, standardError: 0 },
    ],
    nExperts: 2,
    equalCostSize: 9,
    perExpert: [
      { nSamples: 30, mse: 15 },
      { nSamples: 20, mse: null },
    ],
    methods: Object.fromEntries(
      Object.entries(METHODS).map(([key, rmse]) => [key, method(rmse + 0.1 * split)]),
    ),
  }));
  const config = parseConfig({ name, data: "d.csv" });
  return {
    formatVersion: 1,
    name,
    dataset: {
      name: "d.csv",
      sha256: "0".repeat(64),
      nRows: 250,
      nFeatures: 3,
      target: "strength",
      warnings: ['column "flat" is constant'],
    },
    protocol: config.protocol,
    config,
    seed: 1,
    versions: { bailiwick: "0.1.0", node: "v20.0.0" },
    engine: "wasm",
    createdAt: "2026-01-01T00:00:00.000Z",
    fitMs: 1000,
    splits,
    ...summarise(splits),
    bundleDigest: null,
  };
}

export const PREDICTIONS: readonly SplitPredictions[] = [
  {
    split: 0,
    truth: Float64Array.of(1, 2, 3),
    mixture: Float64Array.of(1.1, 1.9, 3.2),
    single: Float64Array.of(1, 2, 3.5),
    experts: Int32Array.of(0, 1, 0),
  },
];

export const ROUNDS: readonly RoundRecord[] = [
  { temperature: 1, shares: [0.5, 0.5], noise: 0.3, churn: 0 },
  { temperature: 0, shares: [0.6, 0.4], noise: 0.1, churn: 0.2 },
];
