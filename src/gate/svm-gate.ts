/**
 * Fitting an SVM gate: one binary RBF machine for each pair of regimes.
 *
 * Cost and gamma, the same for all pairs, are those with the fewest held-out rows of a sample on
 * the wrong side. Then each pair is trained on at most `maxRows` rows, since training time grows
 * with their square: some at random and then those nearest the boundary. It is calibrated on
 * held-out rows, and where all rows are within the limit, trained once more on all of them.
 */
import { constantInputs } from "../experts/index.ts";
import { BailiwickError, checkInteger, checkLength } from "../shared/errors.ts";
import { type Matrix, takeColumns } from "../shared/matrix.ts";
import { childSeed } from "../shared/rng.ts";
import type { SvmGate, SvmMachine } from "./gate.ts";
import { decisionValue } from "./svm-decision.ts";
import { calibrate, type Fit, type PairRows, type Setting, train } from "./svm-machine.ts";
import { type RegimeRows, splitRegimes, stratify } from "./svm-rows.ts";
import { chooseSetting, pairsOf } from "./svm-setting.ts";
import { openSvmTrainer } from "./svm-trainer.ts";

export interface SvmGateOptions {
  readonly seed: number;
  /** Rows that one machine is trained on at most. Default 5,000. */
  readonly maxRows?: number;
  /** Default 1, 10, 100, 1,000, 10,000: crisp regimes need a hard margin. */
  readonly costs?: readonly number[];
  /** Relative to 1 / nFeatures. Default 0.3, 1, 4, 16. */
  readonly gammas?: readonly number[];
}

interface GateFit extends Fit {
  readonly maxRows: number;
}

const MAX_ROWS = 5000;
const COSTS = [1, 10, 100, 1000, 10_000];
const GAMMAS = [0.3, 1, 4, 16];
/** Rows of a pair that are calibrated on at most. */
const CALIBRATION_ROWS = 2000;
/** Rows of a pair from which those nearest the boundary are taken. */
const CANDIDATE_ROWS = 20_000;
/**
 * The share of `maxRows` taken at random. Without it, regions far from the boundary would have
 * no rows, and the machine's answer there would be rho's sign.
 */
const RANDOM_SHARE = 0.7;

/**
 * The same data, options and seed give the same gate, bit for bit. Inputs that have one value in
 * all rows are no features of the gate: nothing can be learnt about them.
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
  options: SvmGateOptions,
): Promise<SvmGate> {
  checkInputs(X);
  const features = varyingInputs(
    X,
    Int32Array.from({ length: X.nRows }, (_, i) => i),
  );
  if (features.length === X.nColumns) return fitRbfMachines(X, labels, nExperts, options);
  const gate = await fitRbfMachines(takeColumns(X, features), labels, nExperts, options);
  return { ...gate, features, nFeatures: X.nColumns };
}

/** The columns of X that do not have one value in the rows; the first one if all do. */
export function varyingInputs(X: Matrix, rows: Int32Array): readonly number[] {
  const constant = new Set(constantInputs(X, rows));
  const varying = Array.from({ length: X.nColumns }, (_, j) => j).filter((j) => !constant.has(j));
  return varying.length === 0 ? [0] : varying;
}

/** As `fitSvmGate`, with machines that take every column of X. @throws as `fitSvmGate`. */
export async function fitRbfMachines(
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
  const scaled = gammas.map((gamma) => gamma / X.nColumns);
  const trainer = openSvmTrainer();
  try {
    const fit: GateFit = { X, trainer, maxRows };
    const setting = await chooseSetting(fit, regimes, costs, scaled);
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

async function fitMachine(
  fit: GateFit,
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

/**
 * All rows within the limit; else some at random, then rows where their machine is least certain.
 */
async function chooseRows(fit: GateFit, all: PairRows, setting: Setting): Promise<PairRows> {
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
