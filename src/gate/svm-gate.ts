/**
 * Fitting an SVM gate: one binary RBF machine for each pair of regimes.
 *
 * Cost and gamma are chosen on held-out rows of a sample; then each pair is trained on at most
 * `maxRows` rows, those nearest its boundary first, and calibrated on rows that it was not trained
 * on. Training time grows with the square of the rows, which is what the limit is for.
 */
import { BailiwickError, checkInteger, checkLength } from "../shared/errors.ts";
import { type Matrix, rowOf, takeRows } from "../shared/matrix.ts";
import { childSeed, createRng, shuffle } from "../shared/rng.ts";
import type { SvmGate, SvmMachine } from "./gate.ts";
import { fitSigmoid } from "./platt.ts";
import { type DecisionFunction, decisionFunction, decisionValue } from "./svm-decision.ts";
import { openSvmTrainer, type SvmTrainer } from "./svm-worker.ts";

export interface SvmGateOptions {
  readonly seed: number;
  /** Rows that one machine is trained on at most. */
  readonly maxRows?: number;
  readonly costs?: readonly number[];
  /** Relative to 1 / nFeatures. */
  readonly gammas?: readonly number[];
}

const MAX_ROWS = 5000;
const COSTS = [1, 10, 100];
const GAMMAS = [0.3, 1, 4, 16];
const TUNING_ROWS = 1500;
const HELD_OUT_SHARE = 0.2;
/** The first machine of a pair with too many rows sees this share of the limit. */
const SCOUT_SHARE = 0.2;

interface Setting {
  readonly cost: number;
  readonly gamma: number;
}

/** The rows of two regimes; `first` is the positive class. */
interface Pair {
  readonly first: number;
  readonly second: number;
  readonly rows: readonly number[];
}

/** What stays the same throughout a fit. */
interface Fit {
  readonly X: Matrix;
  readonly labels: Int32Array;
  readonly trainer: SvmTrainer;
  readonly maxRows: number;
}

/**
 * @param X - Shape (nSamples, nFeatures), finite.
 * @param labels - The regime of each row, 0 to nExperts − 1; each regime has at least 2 rows.
 * @throws VALUE_NOT_FINITE, SHAPE_MISMATCH, INVALID_OPTION or TOO_FEW_ROWS before libsvm sees it.
 */
export async function fitSvmGate(
  X: Matrix,
  labels: Int32Array,
  nExperts: number,
  { seed, maxRows = MAX_ROWS, costs = COSTS, gammas = GAMMAS }: SvmGateOptions,
): Promise<SvmGate> {
  checkInput(X, labels, nExperts);
  checkInteger("maxRows", maxRows, 10);
  const trainer = openSvmTrainer();
  try {
    const fit: Fit = { X, labels, trainer, maxRows };
    const pairs = pairsOf(labels, nExperts, seed);
    const grid = costs.flatMap((cost) => gammas.map((g) => ({ cost, gamma: g / X.nColumns })));
    const setting = await chooseSetting(fit, pairs, grid);
    const machines: SvmMachine[] = [];
    for (const pair of pairs) machines.push(await fitMachine(fit, pair, setting));
    return { kind: "svm", nExperts, nFeatures: X.nColumns, ...setting, machines };
  } finally {
    await trainer.close();
  }
}

function checkInput(X: Matrix, labels: Int32Array, nExperts: number): void {
  checkInteger("nExperts", nExperts, 2);
  checkLength("labels.length", labels.length, X.nRows);
  const bad = X.values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const row = Math.floor(bad / X.nColumns);
    const message = `gate inputs must be finite, row ${row} holds ${X.values[bad]}`;
    throw new BailiwickError("VALUE_NOT_FINITE", message, { row });
  }
  const counts = new Array<number>(nExperts).fill(0);
  for (const label of labels) {
    if (label < 0 || label >= nExperts) {
      const message = `labels must be 0 to ${nExperts - 1}, got ${label}`;
      throw new BailiwickError("INVALID_OPTION", message, { label });
    }
    counts[label]! += 1;
  }
  const small = counts.findIndex((count) => count < 2);
  if (small >= 0) {
    const message = `every regime must have at least 2 rows, regime ${small} has ${counts[small]}`;
    throw new BailiwickError("TOO_FEW_ROWS", message, { regime: small });
  }
}

/** Every pair first < second with its rows, shuffled. */
function pairsOf(labels: Int32Array, nExperts: number, seed: number): readonly Pair[] {
  const pairs: Pair[] = [];
  for (let first = 0; first < nExperts; first++) {
    for (let second = first + 1; second < nExperts; second++) {
      const rows = [...labels.keys()].filter((i) => labels[i] === first || labels[i] === second);
      shuffle(rows, createRng(childSeed(seed, `pair ${first} ${second}`)));
      pairs.push({ first, second, rows });
    }
  }
  return pairs;
}

/** The setting that gets most held-out rows of all pairs right; ties go to the earlier one. */
async function chooseSetting(
  fit: Fit,
  pairs: readonly Pair[],
  grid: readonly Setting[],
): Promise<Setting> {
  let best = { right: -1, setting: grid[0]! };
  for (const setting of grid) {
    let right = 0;
    for (const pair of pairs) {
      const { train, held } = divide(fit, pair, pair.rows.slice(0, TUNING_ROWS));
      const machine = await train1(fit, pair, train, setting);
      right += held.filter((i) => {
        const positive = decisionValue(machine, setting.gamma, fit.X, i) > 0;
        return positive === (fit.labels[i] === pair.first);
      }).length;
    }
    if (right > best.right) best = { right, setting };
  }
  return best.setting;
}

async function fitMachine(fit: Fit, pair: Pair, setting: Setting): Promise<SvmMachine> {
  const { X, labels, maxRows } = fit;
  const { train, held } = divide(fit, pair, pair.rows);
  const chosen = train.length <= maxRows ? train : await nearBoundary(fit, pair, train, setting);
  const machine = await train1(fit, pair, chosen, setting);
  const decisions = held.map((i) => decisionValue(machine, setting.gamma, X, i));
  const calibration = fitSigmoid(
    decisions,
    held.map((i) => labels[i] === pair.first),
  );
  return { first: pair.first, second: pair.second, ...machine, ...calibration };
}

/** Rows to train on and rows held out, of both classes in both as far as there are two of each. */
function divide(
  { labels }: Fit,
  { first, second }: Pair,
  rows: readonly number[],
): { train: number[]; held: number[] } {
  const train: number[] = [];
  const held: number[] = [];
  for (const regime of [first, second]) {
    const own = rows.filter((i) => labels[i] === regime);
    const nHeld = own.length < 2 ? 0 : Math.max(1, Math.floor(HELD_OUT_SHARE * own.length));
    held.push(...own.slice(0, nHeld));
    train.push(...own.slice(nHeld));
  }
  return { train, held };
}

/** The rows where a machine trained on a few is least sure, equally many of both classes. */
async function nearBoundary(
  fit: Fit,
  pair: Pair,
  rows: readonly number[],
  setting: Setting,
): Promise<number[]> {
  const { X, labels, maxRows } = fit;
  const keepEvery = rows.length / (SCOUT_SHARE * maxRows);
  const few = rows.filter(
    (_, place) => Math.floor(place / keepEvery) !== Math.floor((place - 1) / keepEvery),
  );
  const scout = await train1(fit, pair, few, setting);
  return [pair.first, pair.second].flatMap((regime) => {
    const own = rows.filter((i) => labels[i] === regime);
    const doubt = new Map(
      own.map((i) => [i, Math.abs(decisionValue(scout, setting.gamma, X, i))] as const),
    );
    own.sort((a, b) => doubt.get(a)! - doubt.get(b)!);
    return own.slice(0, Math.ceil(maxRows / 2));
  });
}

/** One binary machine, not calibrated. A class without rows here makes it constant. */
async function train1(
  { X, labels, trainer }: Fit,
  pair: Pair,
  rows: readonly number[],
  { cost, gamma }: Setting,
): Promise<DecisionFunction> {
  const signs = rows.map((i) => (labels[i] === pair.first ? 1 : -1));
  if (signs.every((sign) => sign === signs[0])) {
    const none = { values: new Float32Array(0), nRows: 0, nColumns: X.nColumns };
    return { supportVectors: none, coefficients: new Float64Array(0), rho: -(signs[0] ?? 0) };
  }
  const problem = { rows: rows.map((i) => [...rowOf(X, i)]), labels: signs, cost, gamma };
  return decisionFunction(await trainer.train(problem), takeRows(X, rows));
}
