/**
 * Private ridges beside ridges of the same rows without noise, and whether a row's error tells that
 * it was among them. Noise is what sites draw, in the sums of three sites.
 */
import { addWords, fromWords, toWords } from "../../cluster/masks/index.ts";
import {
  fitPrivateRidge,
  learnPreprocessing,
  noiseShares,
  type PrivateFit,
  withNoise,
} from "../../cluster/sites/index.ts";
import { type AskSum, createAnswerer, isNoised, type SiteRows } from "../../cluster/sums/index.ts";
import { applyPreprocessing, type Preprocessing, scaleTarget } from "../../data/index.ts";
import {
  fitRidge,
  type NetGradients,
  predictRidge,
  type RidgeExpert,
} from "../../experts/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { takeSiteRows } from "./cases.ts";
import { sumsInMemory } from "./in-process.ts";
import { divideRows, friedmanSet, openPrivateSet, type PrivateSet } from "./private-cases.ts";

export interface PrivateLoss {
  readonly set: string;
  readonly nRows: number;
  readonly epsilon: number;
  /** Test MSE ÷ the lesser of an ordinary ridge's and of the same sums without noise: by draw. */
  readonly ratios: readonly number[];
  readonly degrees: readonly number[];
}

export interface Refused {
  readonly set: string;
  readonly nRows: number;
  readonly epsilon: number;
  /** null if it was trained. */
  readonly why: string | null;
}

export interface Membership {
  readonly set: string;
  readonly nRows: number;
  readonly epsilon: number;
  /** Of squared errors of rows that were trained on and of others, the mean over draws. */
  readonly auc: number;
}

export interface PrivateMeasured {
  readonly nSites: number;
  readonly delta: number;
  readonly losses: readonly PrivateLoss[];
  readonly refused: readonly Refused[];
  readonly membership: readonly Membership[];
}

const [N_SITES, DELTA, DRAWS] = [3, 1e-6, 5];
const [MANY_ROWS, TEST_ROWS, FEW_ROWS, MEMBER_ROWS] = [100_000, 10_000, 1000, 2000];
const TRAIN_SHARE = 0.8;
/** Of the noise's variance: so little that a strength is chosen by it still. */
const NO_NOISE = 1e-12;

/** @throws DATASET_UNKNOWN without the mirror that has the sets. */
export async function measurePrivate(
  engine: NetGradients,
  mirror: string | undefined,
): Promise<PrivateMeasured> {
  const many = friedmanSet(MANY_ROWS + TEST_ROWS, 1);
  const losses = [await lossOf(engine, many, MANY_ROWS, 3)];
  const membership: Membership[] = [];
  for (const name of ["california", "power"] as const) {
    const set = await openPrivateSet(name, mirror);
    losses.push(await lossOf(engine, set, Math.floor(TRAIN_SHARE * set.rows.y.length), 8));
    membership.push(await membershipOf(engine, set, 8));
  }
  const refused: Refused[] = [];
  for (const epsilon of [3, 8]) refused.push(await refusedOf(engine, many, epsilon));
  return { nSites: N_SITES, delta: DELTA, losses, refused, membership };
}

async function lossOf(
  engine: NetGradients,
  { name, bounds, rows }: PrivateSet,
  nRows: number,
  epsilon: number,
): Promise<PrivateLoss> {
  const { train, test } = divideRows(rows, { nTrain: nRows, nTest: TEST_ROWS, seed: 1 });
  const sites = sitesOf(train);
  const options = { bounds, epsilon, delta: DELTA };
  const plain = await plainRidge(engine, train);
  const without = await fitPrivateRidge(
    options,
    { askSum: sumOf(engine, sites, false), noiseExcess: NO_NOISE },
    () => undefined,
  );
  const least = Math.min(
    meanOf(errorsOf(plain.preprocessing, plain.expert, test)),
    meanOf(errorsOf(without.preprocessing, without.expert, test)),
  );
  const drawn = await drawFits(engine, sites, options);
  return {
    set: name,
    nRows,
    epsilon,
    ratios: drawn.map((own) => meanOf(errorsOf(own.preprocessing, own.expert, test)) / least),
    degrees: drawn.map(({ expert }) => expert.degree),
  };
}

async function membershipOf(
  engine: NetGradients,
  { name, bounds, rows }: PrivateSet,
  epsilon: number,
): Promise<Membership> {
  const { train, test } = divideRows(rows, { nTrain: MEMBER_ROWS, nTest: MEMBER_ROWS, seed: 2 });
  const drawn = await drawFits(engine, sitesOf(train), { bounds, epsilon, delta: DELTA });
  const areas = drawn.map(({ preprocessing, expert }) => {
    const [inside, outside] = [train, test].map((own) => errorsOf(preprocessing, expert, own));
    // A smaller error speaks for a row that was trained on.
    return chanceOfLarger(outside!, inside!);
  });
  return { set: name, nRows: MEMBER_ROWS, epsilon, auc: meanOf(areas) };
}

async function refusedOf(
  engine: NetGradients,
  { name, bounds, rows }: PrivateSet,
  epsilon: number,
): Promise<Refused> {
  const { train } = divideRows(rows, { nTrain: FEW_ROWS, nTest: 0, seed: 3 });
  const about = { set: name, nRows: FEW_ROWS, epsilon };
  const options = { bounds, epsilon, delta: DELTA };
  try {
    await fitPrivateRidge(options, noisySums(engine, sitesOf(train)), () => undefined);
    return { ...about, why: null };
  } catch (error) {
    if (!(error instanceof BailiwickError) || error.code !== "TOO_FEW_ROWS") throw error;
    return { ...about, why: error.message };
  }
}

async function drawFits(
  engine: NetGradients,
  sites: readonly SiteRows[],
  options: Parameters<typeof fitPrivateRidge>[0],
): Promise<readonly PrivateFit[]> {
  const drawn: PrivateFit[] = [];
  for (let draw = 0; draw < DRAWS; draw++) {
    drawn.push(await fitPrivateRidge(options, noisySums(engine, sites), () => undefined));
  }
  return drawn;
}

function sitesOf(rows: SiteRows): readonly SiteRows[] {
  return Array.from({ length: N_SITES }, (_, s) => {
    return takeSiteRows(
      rows,
      Int32Array.from(rows.y.keys()).filter((i) => i % N_SITES === s),
    );
  });
}

const NAMES = Array.from({ length: N_SITES }, (_, s) => `s${s}`);

function noisySums(engine: NetGradients, sites: readonly SiteRows[]) {
  const noiseExcess = N_SITES / noiseShares(NAMES, true);
  return { askSum: sumOf(engine, sites, true), noiseExcess };
}

/** Sums in memory in fixed point, with the noise that each site of a masked sum adds. */
function sumOf(engine: NetGradients, sites: readonly SiteRows[], isNoisy: boolean): AskSum {
  const answerers = sites.map((rows) => createAnswerer(engine, rows));
  return async (query) => {
    const [first, ...others] = answerers.map((answer) => {
      const words = toWords(answer(query), N_SITES);
      if (!isNoisy || !isNoised(query)) return words;
      return withNoise(words, query.noise, noiseShares(NAMES, true));
    });
    for (const words of others) addWords(first!, words);
    return fromWords(first!);
  };
}

/** As the fit of sites makes it. */
async function plainRidge(
  engine: NetGradients,
  train: SiteRows,
): Promise<{ readonly preprocessing: Preprocessing; readonly expert: RidgeExpert }> {
  const { said, askSum } = sumsInMemory(engine, [train]);
  const preprocessing = await learnPreprocessing(said, askSum);
  const X = applyPreprocessing(preprocessing, train.features);
  const y = scaleTarget(train.y, preprocessing.target);
  return { preprocessing, expert: fitRidge({ X, y, weights: null }, 2) };
}

/** Squared errors in the target's units. */
function errorsOf(
  preprocessing: Preprocessing,
  expert: RidgeExpert,
  { features, y }: SiteRows,
): Float64Array {
  const { mean, scale, least, most } = preprocessing.target;
  const answers = predictRidge(expert, applyPreprocessing(preprocessing, features));
  return Float64Array.from(answers, (own, i) => {
    return (Math.min(most, Math.max(least, mean + scale * own)) - y[i]!) ** 2;
  });
}

/** The chance that a value of the first is larger than one of the second; equal ones count half. */
export function chanceOfLarger(first: Float64Array, second: Float64Array): number {
  const sorted = second.slice().sort();
  let [below, equal, wins] = [0, 0, 0];
  for (const value of first.slice().sort()) {
    while (below < sorted.length && sorted[below]! < value) below++;
    equal = below;
    while (equal < sorted.length && sorted[equal] === value) equal++;
    wins += below + (equal - below) / 2;
  }
  return wins / (first.length * second.length);
}

function meanOf(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}
