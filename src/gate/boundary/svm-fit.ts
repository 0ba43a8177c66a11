/**
 * An SVM gate fitted to costs: each pair's machine is trained on rows of the two experts for which
 * the wrong expert would cost much.
 *
 * A row that costs nearly the same with both would only tell the machine about noise. With many
 * rows, most are taken where a first machine is least certain.
 */
import { type Matrix, takeRows } from "../../shared/matrix.ts";
import { childSeed, createRng, shuffle } from "../../shared/rng.ts";
import type { SvmGate, SvmKernel, SvmMachine } from "../gate.ts";
import type { DecisionFunction } from "../svm-decision.ts";
import { calibrate, decisionsOf, type Fit, type PairRows, train } from "../svm-machine.ts";
import { stratify } from "../svm-rows.ts";
import { pairsOf } from "../svm-setting.ts";
import { fitLogistic } from "./logistic-fit.ts";

export interface SvmProblem {
  /** The columns that the machines use. Shape (nRows, nInputs). */
  readonly X: Matrix;
  /** Shape (nRows, nExperts). */
  readonly costs: Float64Array;
  readonly labels: Int32Array;
  readonly nExperts: number;
  /** Rows trained on. */
  readonly rows: Int32Array;
}

export interface SvmSetting {
  readonly kernel: SvmKernel;
  readonly cost: number;
  readonly gamma: number;
}

/**
 * A row is drawn if the wrong expert of the pair costs this much more, in nats: some rows of lower
 * cost have a wrong label, and a hard margin would follow each of them.
 */
const CERTAIN_COST = 5;
/** Rows that a machine is trained on. */
const MAX_ROWS = 2000;
/** The share of those that is drawn from everywhere, not only near the boundary. */
const SPREAD_SHARE = 0.4;
/** Rows among which rows near the boundary are searched. */
const CANDIDATE_ROWS = 20_000;
/** Rows that are kept for calibration, and at most. */
const HELD_SHARE = 0.2;
const HELD_ROWS = 1000;
/** Vectors of one gate: each costs time at every prediction. */
const MAX_VECTORS = 100;
/** Vectors of a logistic machine. */
const LOGISTIC_VECTORS = 40;
const MAX_TRIES = 8;
/** A machine may have as many, also if other pairs have taken them all. */
const LEAST_VECTORS = 4;
/** A soft margin, relative to the mean of K(x, x) as all costs here. */
const SOFT_COST = 10;
/** Rows that a soft machine may have on the wrong side if a harder one is tried. */
const CRISP_SHARE = 0.02;

/** The machines of every pair, calibrated on held-out rows. */
export async function fitBoundaryMachines(
  problem: SvmProblem,
  setting: SvmSetting,
  seed: number,
  trainer: Fit["trainer"],
): Promise<Pick<SvmGate, "machines" | "nExperts" | "kernel" | "cost" | "gamma">> {
  const pairs = pairsOf(problem.nExperts);
  const machines: SvmMachine[] = [];
  let vectorsLeft = MAX_VECTORS;
  for (const [p, [first, second]] of pairs.entries()) {
    const drawn = drawRows(problem, [first, second], childSeed(seed, `pair ${first} ${second}`));
    const fit = { X: problem.X, trainer };
    // What an easy pair leaves is for those that follow.
    const limit = Math.max(LEAST_VECTORS, Math.floor(vectorsLeft / (pairs.length - p)));
    const machine = await fitPair(fit, drawn, setting, limit);
    vectorsLeft -= machine.coefficients.length;
    machines.push({ first, second, ...machine });
  }
  return { machines, nExperts: problem.nExperts, ...setting };
}

/**
 * RBF machines fitted by logistic-fit.ts to the costs of all rows of each pair, with the gamma of
 * highest evidence.
 *
 * @param gammas - At least one.
 */
export function fitLogisticMachines(
  { X, costs, labels, nExperts, rows }: SvmProblem,
  gammas: readonly number[],
): Pick<SvmGate, "machines" | "nExperts" | "kernel" | "cost" | "gamma"> {
  const pairs = pairsOf(nExperts);
  const nVectors = Math.min(LOGISTIC_VECTORS, Math.floor(MAX_VECTORS / pairs.length));
  const ofPairs = pairs.map(([first, second]) => {
    const seen = rows.filter((i) => labels[i] === first || labels[i] === second);
    const costOf = (i: number, k: number): number => costs[i * nExperts + k]!;
    const extra = Float64Array.from(seen, (i) => costOf(i, second) - costOf(i, first));
    return { first, second, costs: { X: takeRows(X, seen), extra } };
  });
  const fits = gammas.map((gamma) => {
    const fitted = ofPairs.map((pair) => fitLogistic(pair.costs, gamma, nVectors));
    const evidence = fitted.reduce((sum, one) => sum + one.evidence, 0);
    const machines = ofPairs.map(({ first, second }, p): SvmMachine => {
      return { first, second, ...fitted[p]!.machine };
    });
    return { gamma, evidence, machines };
  });
  const { gamma, machines } = fits.reduce((a, b) => (b.evidence > a.evidence ? b : a));
  return { machines, nExperts, kernel: "rbf", cost: 1, gamma };
}

/** Rows whose best expert is one of the two, by expert, in random order. */
function drawRows(
  { costs, labels, nExperts, rows }: SvmProblem,
  [first, second]: readonly [number, number],
  seed: number,
): PairRows {
  const rng = createRng(seed);
  const order = rows.slice();
  shuffle(order, rng);
  const drawn: [number[], number[]] = [[], []];
  for (const i of order) {
    const side = labels[i] === first ? 0 : labels[i] === second ? 1 : -1;
    if (side < 0) continue;
    const difference = Math.abs(costs[i * nExperts + first]! - costs[i * nExperts + second]!);
    if (difference >= CERTAIN_COST) drawn[side as 0 | 1].push(i);
  }
  return drawn;
}

async function fitPair(
  fit: Fit,
  drawn: PairRows,
  setting: SvmSetting,
  maxVectors: number,
): Promise<Omit<SvmMachine, "first" | "second">> {
  const nHeld = drawn.map(({ length }) => Math.ceil(HELD_SHARE * length));
  const split = (side: 0 | 1): readonly [readonly number[], readonly number[]] => [
    drawn[side].slice(0, nHeld[side]),
    drawn[side].slice(nHeld[side]),
  ];
  const [[heldA, trainA], [heldB, trainB]] = [split(0), split(1)];
  const held = await nearestRows(fit, [heldA, heldB], setting, HELD_ROWS);
  const part = await trainWithin(fit, [trainA, trainB], setting, maxVectors);
  const { sigmoid } = calibrate(fit, part, setting, held);
  return { ...(await trainWithin(fit, drawn, setting, maxVectors)), ...sigmoid };
}

/** A machine with at most `limit` vectors: trained on fewer rows until it is small enough. */
async function trainWithin(
  fit: Fit,
  all: PairRows,
  setting: SvmSetting,
  maxVectors: number,
): Promise<DecisionFunction> {
  let nRows = MAX_ROWS;
  for (let attempt = 1; ; attempt++) {
    const machine = await trainCrisp(fit, await nearestRows(fit, all, setting, nRows), setting);
    if (machine.coefficients.length <= maxVectors || attempt === MAX_TRIES) return machine;
    nRows = Math.floor((nRows * maxVectors) / machine.coefficients.length);
  }
}

/**
 * The hardest margin up to the wanted one that the rows allow. Costs grow from a soft one, tenfold
 * as long as each step halves the rows on the wrong side, and at once where none is: libsvm takes
 * minutes for a hard margin between rows that it cannot separate.
 */
async function trainCrisp(
  fit: Fit,
  rows: PairRows,
  setting: SvmSetting,
): Promise<DecisionFunction> {
  const unit = 1 / meanSelfKernel(setting, fit.X, rows.flat());
  const trainAt = async (cost: number): Promise<readonly [DecisionFunction, number]> => {
    const machine = await train(fit, rows, { ...setting, cost: cost * unit });
    return [machine, shareWrong(fit, rows, machine, setting)];
  };
  let cost = Math.min(SOFT_COST, setting.cost);
  let [machine, wrong] = await trainAt(cost);
  if (wrong > CRISP_SHARE) return machine;
  while (cost < setting.cost) {
    cost = wrong === 0 ? setting.cost : Math.min(10 * cost, setting.cost);
    const [harder, stillWrong] = await trainAt(cost);
    if (stillWrong > wrong) break;
    const isHalved = stillWrong <= wrong / 2;
    [machine, wrong] = [harder, stillWrong];
    if (!isHalved) break;
  }
  return machine;
}

/** The mean of K(x, x): a cost relative to it means the same under every kernel. */
function meanSelfKernel({ kernel, gamma }: SvmSetting, X: Matrix, rows: readonly number[]): number {
  if (kernel === "rbf" || rows.length === 0) return 1;
  const sum = rows.reduce((total, i) => {
    const x = X.values.subarray(i * X.nColumns, (i + 1) * X.nColumns);
    const dot = x.reduce((squares, value) => squares + value * value, 0);
    return total + (kernel === "linear" ? dot : (gamma * dot + 1) ** 2);
  }, 0);
  return sum > 0 ? sum / rows.length : 1;
}

function shareWrong(
  { X }: Fit,
  [positive, negative]: PairRows,
  machine: DecisionFunction,
  setting: SvmSetting,
): number {
  const ups = decisionsOf(machine, setting, X, positive).filter((decision) => decision <= 0);
  const downs = decisionsOf(machine, setting, X, negative).filter((decision) => decision > 0);
  return (ups.length + downs.length) / (positive.length + negative.length);
}

/**
 * All rows within the limit; else some from everywhere, and rows where their machine is uncertain.
 */
async function nearestRows(
  fit: Fit,
  all: PairRows,
  setting: SvmSetting,
  limit: number,
): Promise<PairRows> {
  if (all[0].length + all[1].length <= limit) return all;
  const spread: PairRows = stratify(all, SPREAD_SHARE * limit);
  const unit = 1 / meanSelfKernel(setting, fit.X, spread.flat());
  const scout = await train(fit, spread, { ...setting, cost: SOFT_COST * unit });
  const near = ([0, 1] as const).map((side) => {
    const others = all[side].slice(spread[side].length, CANDIDATE_ROWS);
    const doubts = decisionsOf(scout, setting, fit.X, others).map(Math.abs);
    const order = [...others.keys()].sort((a, b) => doubts[a]! - doubts[b]!);
    const wanted = Math.floor(limit / 2) - spread[side].length;
    return [...spread[side], ...order.slice(0, Math.max(0, wanted)).map((at) => others[at]!)];
  });
  return [near[0]!, near[1]!];
}
