/** A run's result made by hand, with figures like those of a real run. */
import {
  type CommitteeFacts,
  type ExperimentResult,
  METHODS,
  type MethodResult,
  parseConfig,
  type SplitPredictions,
  type SplitResult,
} from "../../src/experiments/index.ts";
import { summarise } from "../../src/experiments/summarise.ts";
import { testedRows } from "../../src/experiments/tested-rows.ts";
import { regressionMetrics } from "../../src/metrics/index.ts";
import type { RegimeSearch, RoundRecord } from "../../src/mixture/index.ts";
import type { KeptModel, ModelFacts } from "../../src/reports/facts/index.ts";
import { createRng, type Rng } from "../../src/shared/rng.ts";

export interface Sample {
  readonly result: ExperimentResult;
  readonly predictions: readonly SplitPredictions[];
  readonly facts: ModelFacts;
}

export interface SampleOptions {
  readonly nSplits?: number;
  readonly nExperts?: number;
  readonly nTest?: number;
  /** Stands wherever a user's own words do. */
  readonly name?: string;
  readonly map?: "line" | "plane" | "cells" | "projection";
  /** Whether the model is a committee. */
  readonly committee?: boolean;
  /** Whether the regimes were found by their likelihood. */
  readonly searched?: boolean;
}

const RMSE = { mixture: 4.1, single: 5.2, wide: 5.3, ensemble4: 4.6, equalCost: 4.5, kmeans: 5.6 };
const COST = { mixture: 9.8, single: 1, wide: 4.1, ensemble4: 4, equalCost: 10, kmeans: 4 };
const COMMITTEE: CommitteeFacts = {
  kinds: [
    { kind: "net.tanh", weight: 0.25, heldOutMse: 25 },
    { kind: "regimes", weight: 0.4, heldOutMse: 19.36 },
    { kind: "gp", weight: 0.35, heldOutMse: 20.25 },
    { kind: "trees", weight: 0, heldOutMse: 36 },
  ],
  nMembers: 7,
  partitionedWeight: 0.4,
  heldOutMse: 17.64,
  undividedMse: 18.49,
};
const KINDS = COMMITTEE.kinds.map(({ heldOutMse, ...kind }) => ({
  ...kind,
  rmse: Math.sqrt(heldOutMse),
}));
const N_TRAIN = 824;
const N_PARAMETERS = 1377;

export function sampleRun(options: SampleOptions = {}): Sample {
  const { nSplits = 3, nExperts = 4, nTest = 206, name = "strength" } = options;
  const rng = createRng(7);
  const predictions = Array.from({ length: nSplits }, (_, split) =>
    samplePredictions(split, nTest, rng),
  );
  const nRows = N_TRAIN + nTest;
  const regimes = Int32Array.from({ length: nRows }, (_, i) => i % nExperts);
  const splits = predictions.map((own): SplitResult => {
    const split = sampleSplit(own, regimes, nExperts, rng);
    return options.committee === true ? { ...split, candidates: [], committee: COMMITTEE } : split;
  });
  const config = parseConfig({ name, data: name, group: name, drop: [name] });
  const result: ExperimentResult = {
    formatVersion: 1,
    name,
    dataset: {
      name,
      sha256: "6f0beeda386dc0c77d77e24eeafff2ffd657fcf1a60ba752560b4ee3609fb743",
      nRows,
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
  const { searched = false, map = "plane", committee = false } = options;
  const nearBoundary = Uint8Array.from(regimes, (_, i) => (i % 10 === 0 && nExperts > 1 ? 1 : 0));
  const kept: KeptModel = {
    cards: Array.from({ length: nExperts }, (_, k) => sampleCard(k, nExperts, name)),
    regimes,
    nearBoundary,
    map: nExperts === 1 && map !== "line" ? null : sampleMap(map, { regimes, nExperts, name }),
    rounds: nExperts === 1 ? [] : sampleRounds(nExperts),
    search: searched ? SEARCH : null,
    committee: committee ? { ...COMMITTEE, kinds: KINDS, weight: 0.4 } : null,
  };
  const { warnings } = result.dataset;
  return { result, predictions, facts: sampleFacts(predictions, { kept, name, warnings }) };
}

interface FactsOptions extends Pick<ModelFacts, "kept" | "warnings"> {
  readonly name: string;
}

/** The facts of a model whose evidence are these predictions. */
export function sampleFacts(
  predictions: readonly SplitPredictions[],
  { kept, name, warnings }: FactsOptions,
): ModelFacts {
  const leader = { name, rmse: 4.1, weight: null, isModel: true };
  const range = [2, 40, 82] as const;
  const bins = [1, 2, 4, 8, 4, 2, 1];
  return {
    target: name,
    nRows: kept.regimes.length,
    answers: predictions.length === 0 ? null : testedRows(predictions),
    expected: { rmse: 4.1234, r2: 0.934, nSamples: 206 },
    leaders: [
      leader,
      { ...leader, name: `${name} 2`, rmse: 5.2, isModel: false },
      { ...leader, name: "mean of the target", rmse: 16.4, isModel: false },
    ],
    coverage: [
      { level: 0.5, coverage: 0.52, meanWidth: 5, byChance: [0.4, 0.6] },
      { level: 0.9, coverage: 0.88, meanWidth: 14, byChance: [0.83, 0.95] },
    ],
    importance: [
      { feature: name, rise: 6.25, least: 6, most: 6.5 },
      { feature: `${name} 2`, rise: 0.1, least: -0.1, most: 0.3 },
    ],
    effects: [{ feature: name, importance: 3.5, values: [1, 2, 3], answers: [10, 12, 17] }],
    worst: [{ row: 17, truth: 55.5, predicted: 35.25, cells: [{ name, value: name }] }],
    columns: [
      { name, isTarget: true, missing: 0, values: { type: "number", range, bins } },
      {
        name: `${name} 2`,
        isTarget: false,
        missing: 0.05,
        values: { type: "category", nLevels: 9, commonest: [{ level: name, nRows: 12 }] },
      },
    ],
    uses: [{ column: name, readAs: "number", usedAs: "no effect: one value" }],
    warnings,
    kept,
  };
}

/** The truth from 2 to 82, errors of the mixture's size. */
function samplePredictions(split: number, nTest: number, rng: Rng): SplitPredictions {
  const truth = Float64Array.from({ length: nTest }, () => 2 + 80 * rng.uniform());
  return {
    split,
    rows: Int32Array.from(truth, (_, i) => i + split),
    truth,
    mixture: truth.map((value) => value + RMSE.mixture * rng.normal()),
    single: truth.map((value) => value + RMSE.single * rng.normal()),
  };
}

function sampleSplit(
  { split, rows, truth, mixture }: SplitPredictions,
  regimes: Int32Array,
  nExperts: number,
  rng: Rng,
): SplitResult {
  const perExpert = Array.from({ length: nExperts }, (_, k) => {
    const own = [...truth.keys()].filter((i) => regimes[rows[i]!] === k);
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

const SEARCH: RegimeSearch = {
  candidates: [
    sampleCandidate(1, -1.42, 0.09),
    sampleCandidate(2, -0.61, 0.05),
    sampleCandidate(4, 0.31, 0.02),
    sampleCandidate(8, 0.32, 0),
  ],
  chosen: 2,
  grown: true,
  nPieces: 6,
};

function sampleCandidate(
  nExperts: number,
  logLikelihood: number,
  standardError: number,
): RegimeSearch["candidates"][number] {
  const icl = logLikelihood - 0.05;
  const laws = "nets";
  return { nExperts, laws, nUsed: nExperts, logLikelihood, standardError, icl, stability: 0.9 };
}

/** Rules and effects with all that they can say of numbers and of levels. */
function sampleCard(k: number, nExperts: number, name: string): KeptModel["cards"][number] {
  const range = { kind: "range", feature: name, from: 0.5, to: k + 1, orMissing: k === 1 } as const;
  const levels = { kind: "levels", feature: name, levels: [name, null], among: k > 0 } as const;
  return {
    nRows: 250,
    share: 1 / nExperts,
    residuals: { nSamples: 50, meanError: 0, meanSquaredError: 9, meanFourthPower: 243 },
    boundaryShare: nExperts === 1 ? 0 : 0.1,
    rule:
      nExperts === 1
        ? null
        : { alternatives: [[range], [range, levels]], purity: 0.994, coverage: 0.8 },
    effects: [
      { feature: name, importance: 2.5, values: [1, 2, 3], answers: [10, 12, 17] },
      { feature: name, importance: 1.5, values: [`${name}a`, `${name}b`], answers: [11, 14] },
    ],
  };
}

/** Rows in a square, each regime a stripe of it. */
function sampleMap(
  kind: NonNullable<SampleOptions["map"]>,
  { regimes, nExperts, name }: { regimes: Int32Array; nExperts: number; name: string },
): KeptModel["map"] {
  const rng = createRng(5);
  const number = { name, levels: null, from: 0, to: nExperts };
  const shown = regimes.slice(0, 40);
  const base = {
    x: number,
    y: { ...number, name: `${name} 2` },
    points: {
      x: Float64Array.from(shown, (k) => k + rng.uniform()),
      y: Float64Array.from(shown, () => nExperts * rng.uniform()),
      regimes: shown,
      nearBoundary: Uint8Array.from(shown, (_, i) => (i % 7 === 0 ? 1 : 0)),
    },
    nRegimes: nExperts,
    nRows: regimes.length,
    nPlaceless: 3,
  };
  if (kind === "line") {
    const x = Float64Array.from({ length: 40 * nExperts }, (_, s) => s / 40);
    const line = { x, answers: x.map(Math.sin), regimes: Int32Array.from(x, Math.floor) };
    return { ...base, kind, line };
  }
  if (kind === "projection") {
    return { ...base, kind, separated: 0.9, largest: 1 / nExperts, nOthers: 6 };
  }
  const [nX, nY] = [12, kind === "cells" ? 2 : 12];
  const scores = Float64Array.from({ length: nY * nX * nExperts }, (_, e) => {
    const stripe = Math.floor((((Math.floor(e / nExperts) % nX) + 0.5) / nX) * nExperts);
    return stripe === e % nExperts ? 0.9 : 0.1 / nExperts;
  });
  const grid = { nX, nY, scores };
  if (kind === "plane") return { ...base, kind, grid };
  const y = { name: `${name} 2`, levels: [`${name}a`, `${name}b`], from: -0.5, to: 1.5 };
  const points = { ...base.points, y: base.points.y.map((v) => (v > nExperts / 2 ? 1 : 0)) };
  return { ...base, kind: "plane", y, points, grid };
}
