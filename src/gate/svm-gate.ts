/**
 * Fitting an SVM gate: one binary RBF machine for each pair of regimes.
 *
 * Cost and gamma, the same for all pairs, are those that get fewest held-out rows of a sample wrong.
 * Then each pair is trained on at most `maxRows` rows, since training time grows with their
 * square: some at random and then those nearest the boundary. It is calibrated on held-out rows,
 * and where all rows are within the limit, trained once more on all of them.
 */
import { BailiwickError, checkInteger, checkLength } from "../shared/errors.ts";
import { type Matrix, takeRows } from "../shared/matrix.ts";
import { childSeed } from "../shared/rng.ts";
import type { SvmGate, SvmMachine } from "./gate.ts";
import { fitSigmoid, type Sigmoid } from "./platt.ts";
import { type DecisionFunction, decisionValue } from "./svm-decision.ts";
import { readModel } from "./svm-model.ts";
import { type RegimeRows, splitRegimes, stratify } from "./svm-rows.ts";
import { openSvmTrainer, type SvmTrainer } from "./svm-trainer.ts";

export interface SvmGateOptions {
  readonly seed: number;
  /** Rows that one machine is trained on at most. Default 5,000. */
  readonly maxRows?: number;
  /** Default 1, 10, 100, 1,000, 10,000: crisp regimes want a hard margin. */
  readonly costs?: readonly number[];
  /** Relative to 1 / nFeatures. Default 0.3, 1, 4, 16. */
  readonly gammas?: readonly number[];
}

const MAX_ROWS = 5000;
const COSTS = [1, 10, 100, 1000, 10_000];
const GAMMAS = [0.3, 1, 4, 16];
const TOLERANCE = 1e-4;
/** Regimes are crisp if no more held-out rows than this are on the wrong side. */
const CRISP_SHARE = 0.05;
/** Rows of a pair that a setting is tried on at most. */
const TUNING_ROWS = 1500;
/** Rows of a pair that are calibrated on at most. */
const CALIBRATION_ROWS = 2000;
/** Rows of a pair from which those nearest the boundary are taken. */
const CANDIDATE_ROWS = 20_000;
/**
 * Of `maxRows`, the share taken at random. Without it, regions far from the boundary would have
 * no rows, and the machine's answer there would be rho's sign.
 */
const RANDOM_SHARE = 0.7;

interface Setting {
  readonly cost: number;
  readonly gamma: number;
}

/** Rows of the two regimes of a pair: those of the positive class, then the others. */
type PairRows = readonly [readonly number[], readonly number[]];

interface Fit {
  readonly X: Matrix;
  readonly trainer: SvmTrainer;
  readonly maxRows: number;
}

/**
 * The same data, options and seed give the same gate, bit for bit.
 *
 * A regime of fewer than 2 rows is never trained on: its machines are constant, and calibration
 * leaves them the odds of the two regimes' sizes.
 *
 * @param X - Shape (nSamples, nFeatures), finite.
 * @param labels - The regime of each row, 0 to nExperts − 1. Shape (nSamples,).
 * @throws SHAPE_MISMATCH, VALUE_NOT_FINITE, INVALID_OPTION; TOO_FEW_ROWS unless 2 regimes have 2
 *   rows or more; WORKER_FAILED if libsvm's thread ends.
 */
export async function fitSvmGate(
  X: Matrix,
  labels: Int32Array,
  nExperts: number,
  { seed, maxRows = MAX_ROWS, costs = COSTS, gammas = GAMMAS }: SvmGateOptions,
): Promise<SvmGate> {
  checkInteger("maxRows", maxRows, 10);
  checkGrid("costs", costs);
  checkGrid("gammas", gammas);
  checkInputs(X);
  checkLabels(labels, X.nRows, nExperts);
  const regimes = splitRegimes(labels, nExperts, childSeed(seed, "svm rows"));
  const grid = costs.flatMap((cost) => gammas.map((g) => ({ cost, gamma: g / X.nColumns })));
  const trainer = openSvmTrainer();
  try {
    const fit: Fit = { X, trainer, maxRows };
    const setting = grid.length === 1 ? grid[0]! : await chooseSetting(fit, regimes, grid);
    const machines: SvmMachine[] = [];
    for (const pair of pairsOf(nExperts)) {
      machines.push(await fitMachine(fit, regimes, pair, setting));
    }
    return { kind: "svm", nExperts, nFeatures: X.nColumns, ...setting, machines };
  } finally {
    await trainer.close();
  }
}

function checkGrid(name: string, values: readonly number[]): void {
  if (values.length > 0 && values.every((value) => Number.isFinite(value) && value > 0)) return;
  const message = `${name} must be positive numbers, at least one, got [${values.join(", ")}]`;
  throw new BailiwickError("INVALID_OPTION", message, { name });
}

function checkInputs(X: Matrix): void {
  checkInteger("X.nColumns", X.nColumns, 1);
  checkLength("X.values.length", X.values.length, X.nRows * X.nColumns);
  const bad = X.values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  const row = Math.floor(bad / X.nColumns);
  const message = `gate inputs must be finite, row ${row} holds ${X.values[bad]}`;
  throw new BailiwickError("VALUE_NOT_FINITE", message, { row });
}

function checkLabels(labels: Int32Array, nRows: number, nExperts: number): void {
  checkInteger("nExperts", nExperts, 2);
  checkLength("labels.length", labels.length, nRows);
  const counts = new Int32Array(nExperts);
  for (const label of labels) {
    if (label < 0 || label >= nExperts) {
      const message = `labels must be 0 to ${nExperts - 1}, got ${label}`;
      throw new BailiwickError("INVALID_OPTION", message, { label });
    }
    counts[label]! += 1;
  }
  const nTrainable = counts.filter((count) => count >= 2).length;
  if (nTrainable < 2) {
    const message = `at least 2 regimes must have 2 rows or more, got ${nTrainable}`;
    throw new BailiwickError("TOO_FEW_ROWS", message, { nTrainable });
  }
}

/** Every first < second, in lexicographic order. */
function pairsOf(nExperts: number): readonly (readonly [number, number])[] {
  const regimes = [...Array(nExperts).keys()];
  return regimes.flatMap((first) =>
    regimes.slice(first + 1).map((second) => [first, second] as const),
  );
}

/**
 * The setting of least calibrated log loss among those that get fewest held-out rows of all pairs
 * wrong, give or take a standard error of that count. Where regimes are crisp, the hardest margin
 * goes before the loss: a soft one shifts the boundary to where there are fewer rows, and held-out
 * rows near a crisp boundary are too few to see it.
 */
async function chooseSetting(
  fit: Fit,
  regimes: readonly RegimeRows[],
  grid: readonly Setting[],
): Promise<Setting> {
  const samples = pairsOf(regimes.length).map(([first, second]) => {
    const [positive, negative] = [regimes[first]!, regimes[second]!];
    return stratify([positive.train, negative.train, positive.held, negative.held], TUNING_ROWS);
  });
  const tried: (Setting & { wrong: number; loss: number })[] = [];
  for (const setting of grid) {
    let [wrong, loss] = [0, 0];
    for (const [positive, negative, ...held] of samples) {
      const machine = await train(fit, [positive!, negative!], setting);
      const calibrated = calibrate(fit, machine, setting, held as unknown as PairRows);
      wrong += calibrated.wrong;
      loss += calibrated.loss;
    }
    tried.push({ ...setting, wrong, loss });
  }
  const fewest = Math.min(...tried.map(({ wrong }) => wrong));
  const good = tried.filter(({ wrong }) => wrong <= fewest + Math.sqrt(fewest));
  const nHeld = samples.reduce((sum, [, , ...held]) => sum + held.flat().length, 0);
  const crisp = fewest <= CRISP_SHARE * nHeld;
  const { cost, gamma } = good.reduce((best, other) => {
    if (crisp && other.cost !== best.cost) return other.cost > best.cost ? other : best;
    return other.loss < best.loss ? other : best;
  });
  return { cost, gamma };
}

async function fitMachine(
  fit: Fit,
  regimes: readonly RegimeRows[],
  [first, second]: readonly [number, number],
  setting: Setting,
): Promise<SvmMachine> {
  const [positive, negative] = [regimes[first]!, regimes[second]!];
  const rows = await chooseRows(fit, [positive.train, negative.train], setting);
  const machine = await train(fit, rows, setting);
  const held: PairRows = stratify([positive.held, negative.held], CALIBRATION_ROWS);
  const { sigmoid } = calibrate(fit, machine, setting, held);
  const all: PairRows = [
    [...positive.train, ...positive.held],
    [...negative.train, ...negative.held],
  ];
  const trainable = positive.train.length > 0 && negative.train.length > 0;
  const whole = trainable && stratify(all, fit.maxRows) === all;
  const final = whole ? await train(fit, all, setting) : machine;
  return { first, second, ...final, ...sigmoid };
}

function calibrate(
  { X }: Fit,
  machine: DecisionFunction,
  { gamma }: Setting,
  held: PairRows,
): { readonly sigmoid: Sigmoid; readonly loss: number; readonly wrong: number } {
  const decisions = held.flat().map((i) => decisionValue(machine, gamma, X, i));
  const positive = held.flatMap((list, side) => list.map(() => side === 0));
  const wrong = decisions.filter((decision, place) => decision > 0 !== positive[place]).length;
  return { ...fitSigmoid(decisions, positive), wrong };
}

/** All rows if the limit allows; else some at random, then where their machine is least sure. */
async function chooseRows(fit: Fit, all: PairRows, setting: Setting): Promise<PairRows> {
  const quota: PairRows = stratify(all, fit.maxRows);
  if (quota === all) return all;
  const random: PairRows = stratify(all, RANDOM_SHARE * fit.maxRows);
  const candidates: PairRows = stratify(all, Math.max(fit.maxRows, CANDIDATE_ROWS));
  const scout = await train(fit, random, setting);
  const nearest = (side: 0 | 1): readonly number[] => {
    const others = candidates[side].slice(random[side].length);
    const doubts = others.map((i) => Math.abs(decisionValue(scout, setting.gamma, fit.X, i)));
    const order = [...others.keys()].sort((a, b) => doubts[a]! - doubts[b]!);
    const near = order.slice(0, quota[side].length - random[side].length).map((at) => others[at]!);
    return [...random[side], ...near];
  };
  return [nearest(0), nearest(1)];
}

/** One machine, not calibrated. Without rows on either side it is constant, 0. */
async function train(
  { X, trainer }: Fit,
  rows: PairRows,
  setting: Setting,
): Promise<DecisionFunction> {
  const [positive, negative] = rows;
  if (positive.length === 0 || negative.length === 0) {
    const none: Matrix = { values: new Float32Array(0), nRows: 0, nColumns: X.nColumns };
    return { supportVectors: none, coefficients: new Float64Array(0), rho: 0 };
  }
  const chosen = takeRows(X, [...positive, ...negative]);
  const labels = new Int8Array(chosen.nRows).fill(1, 0, positive.length).fill(-1, positive.length);
  const trained = await trainer.train({ X: chosen, labels, ...setting, tolerance: TOLERANCE });
  return readModel(trained, setting.gamma, chosen);
}
