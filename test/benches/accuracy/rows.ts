/** Rows of the accuracy bench made by hand or by a seed, with errors like those of a real run. */
import type { RegimeCoverage } from "../../../src/benches/accuracy/coverage.ts";
import { REAL_SETS } from "../../../src/benches/accuracy/sets.ts";
import type { AccuracyRow } from "../../../src/benches/index.ts";
import { createRng, type Rng } from "../../../src/shared/rng.ts";

export interface RowFacts {
  readonly set: string;
  readonly split?: number;
  readonly nTrain?: number;
  readonly nTest?: number;
  readonly mse: Readonly<Record<string, number>>;
  readonly weights?: AccuracyRow["weights"];
  readonly regimes?: readonly RegimeCoverage[];
  readonly meanWidth?: number;
  readonly pooledWidth?: number;
  readonly versions?: Readonly<Record<string, string>>;
}

/** One split, of 90 and 10 rows if nothing else is said. */
export function accuracyRow(facts: RowFacts): AccuracyRow {
  const { set, split = 0, nTrain = 90, nTest = 10, mse, versions = {} } = facts;
  const { meanWidth = 1, pooledWidth = 1 } = facts;
  const regimes = facts.regimes ?? [{ nRows: nTest, nCovered: nTest, nHeldOut: 0 }];
  return {
    run: "0123456789abcdef",
    set,
    sha256: "6f0beeda386dc0c77d77e24eeafff2ffd657fcf1a60ba752560b4ee3609fb743",
    split,
    nTrain,
    nTest,
    hidden: [32, 32],
    settings: { steps: 3000, learningRate: 0.004, weightDecay: 0.05 },
    equalCostSize: 20,
    mse,
    weights: facts.weights ?? { nn: { net: 0.25, mixture: 0.75 }, all: { net: 0.5, gp: 0.5 } },
    coverage: { level: 0.9, regimes, meanWidth, pooledWidth },
    seconds: 30,
    peerCpuMs: {},
    failed: {},
    versions,
  };
}

/** Errors of a method ÷ those of the single net. */
const FACTORS = {
  nets: 0.91,
  nn: 0.84,
  all: 0.76,
  single: 1,
  mixture: 0.95,
  "members.net": 0.9,
  "members.mixture": 0.88,
  "members.ridge": 3,
  "members.gp": 1,
  "members.trees": 1.05,
  "members.forest": 1.4,
  shorter: 1,
  ensemble4: 0.92,
  equalCost: 0.89,
  rf: 1.2,
  histgb: 0.98,
  xgboost: 0.93,
  lightgbm: 0.95,
  catboost: 0.9,
} as const;
const FACTORS_OF_SOME = {
  longer: 0.99,
  wide: 0.97,
  kmeans: 1.3,
  paper: 1.25,
  soft: 1.02,
  svr: 1.1,
  "sklearn-mlp": 1.08,
  "sklearn-gp": 1.01,
} as const;

export interface SampleRowsOptions {
  readonly sets?: readonly string[];
  readonly nSplits?: number;
  readonly seed?: number;
}

/** The 20 real sets, the generated ones and two of the package's own, the same for one seed. */
export function sampleAccuracyRows(options: SampleRowsOptions = {}): readonly AccuracyRow[] {
  const {
    sets = [...REAL_SETS, "two-planes", "mv", "pw-linear", "cars", "servo"],
    nSplits = 5,
    seed = 1,
  } = options;
  const rng = createRng(seed);
  return sets.flatMap((set) => {
    const scale = Math.exp(2 * rng.normal());
    const luck = new Map<string, number>();
    const ofSet = (method: string): number => {
      const known = luck.get(method) ?? Math.exp(0.12 * rng.normal());
      luck.set(method, known);
      return known;
    };
    return Array.from({ length: nSplits }, (_, split) => {
      const factors = split < 3 ? { ...FACTORS, ...FACTORS_OF_SOME } : FACTORS;
      const ofSplit = Math.exp(0.2 * rng.normal());
      const mse = Object.entries(factors).map(([method, factor]) => {
        const own = Math.exp(0.05 * rng.normal()) * ofSet(method);
        return [method, scale * ofSplit * factor * own] as const;
      });
      return sampleRow(set, split, Object.fromEntries(mse), rng);
    });
  });
}

function sampleRow(
  set: string,
  split: number,
  mse: Readonly<Record<string, number>>,
  rng: Rng,
): AccuracyRow {
  const regimes = [60, 35, 12].map((nRows) => {
    const nCovered = Array.from({ length: nRows }, () => rng.uniform()).filter((u) => u < 0.9);
    return { nRows, nCovered: nCovered.length, nHeldOut: nRows > 30 ? 100 : 0 };
  });
  const [net, gp, trees] = [rng.uniform(), rng.uniform(), rng.uniform()];
  const sum = net + gp + trees;
  const weights = {
    nn: { net, mixture: 1 - net },
    all: { net: 0, mixture: net / sum, ridge: 0, gp: gp / sum, trees: trees / sum, forest: 0 },
  };
  const meanWidth = 0.9 + 0.1 * rng.uniform();
  const versions = { python: "3.11.2", xgboost: "3.0.5" };
  return accuracyRow({
    set,
    split,
    nTrain: 963,
    nTest: 107,
    mse,
    weights,
    regimes,
    meanWidth,
    versions,
  });
}
