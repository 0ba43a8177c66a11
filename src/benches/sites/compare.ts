/** One set and seed: a fit of sites beside a fit of all rows, of each site's, and averaged nets. */
import { DEFAULT_SUMS, fitSums, learnPreprocessing } from "../../cluster/sites/index.ts";
import { LEAST_ROWS, type SiteRows } from "../../cluster/sums/index.ts";
import { applyPreprocessing, scaleTarget, unscaleTarget } from "../../data/index.ts";
import type { NetGradients } from "../../experts/index.ts";
import { type Executor, fitModel, type Model, PRESETS, predict } from "../../mixture/index.ts";
import { type AveragedNets, averageNets } from "./averaging.ts";
import { type SitesCase, SPLITS, type SplitName, sitesCase } from "./cases.ts";
import type { ComparedRow, ComparedSplit } from "./compared-row.ts";
import { sumsInMemory } from "./in-process.ts";

export interface CompareTools {
  readonly engine: NetGradients;
  readonly executor: Executor;
}

const N_CLUSTERS = 4;

export async function compareSet(
  set: string,
  seed: number,
  tools: CompareTools,
): Promise<ComparedRow> {
  const all = { ...tools, seed };
  const splits: ComparedSplit[] = [];
  let whole: SitesCase | undefined;
  for (const split of SPLITS) {
    whole = await sitesCase(set, seed, split);
    splits.push(await compareSplit(whole, split, all));
  }
  // The rows are the same in every split.
  const { train, test } = whole!;
  const central = (await squaresHere(train, test, all)) / test.y.length;
  return { set, seed, nTrain: train.y.length, nTest: test.y.length, central, splits };
}

type Tools = CompareTools & { readonly seed: number };

async function compareSplit(
  own: SitesCase,
  split: SplitName,
  tools: Tools,
): Promise<ComparedSplit> {
  const { engine, executor, seed } = tools;
  const { sites, test } = own;
  const { said, askSum } = sumsInMemory(
    engine,
    sites.map(({ train }) => train),
  );
  // As a coordinator asks.
  const leastShare = (2 * LEAST_ROWS) / said.leastRows;
  const options = { ...DEFAULT_SUMS, seed, leastShare };
  const fitted = await fitSums(said, options, askSum, () => undefined);
  const measured = {
    split,
    nSites: sites.length,
    sites: squaresOf(executor, fitted.model, test) / test.y.length,
    taken: kindOf(fitted.model),
  };
  if (split !== "regime") return { ...measured, local: null, fedAvg: null, ifca: null };
  let local = 0;
  for (const site of sites) local += await squaresHere(site.train, site.test, tools);
  return {
    ...measured,
    local: local / test.y.length,
    ...(await averaged(own, tools)),
  };
}

async function averaged(
  { sites, test }: SitesCase,
  { engine, seed }: Tools,
): Promise<Pick<ComparedSplit, "fedAvg" | "ifca">> {
  const trained = sites.map(({ train }) => train);
  const { said, askSum } = sumsInMemory(engine, trained);
  const preprocessing = await learnPreprocessing(said, askSum);
  const standard = trained.map(({ features, y }) => ({
    X: applyPreprocessing(preprocessing, features),
    y: scaleTarget(y, preprocessing.target),
  }));
  const { hidden } = DEFAULT_SUMS;
  const errorOf = ({ nets, taken }: AveragedNets): number => {
    const squares = sites.map((site, s) => {
      const X = applyPreprocessing(preprocessing, site.test.features);
      const answers = Float64Array.from(engine.predict(nets[taken[s]!]!, X));
      return sumOfSquares(unscaleTarget(answers, preprocessing.target), site.test.y);
    });
    return squares.reduce((sum, ofSite) => sum + ofSite, 0) / test.y.length;
  };
  const errorWith = (nNets: number): number =>
    errorOf(averageNets(engine, standard, { nNets, hidden, seed }));
  return { fedAvg: errorWith(1), ifca: errorWith(N_CLUSTERS) };
}

function kindOf({ members }: Model): string {
  const { experts } = members[0]!.mixture;
  return `${experts.length} ${experts[0]!.kind}`;
}

/** Summed squared errors of a fit of rows that are in one place. */
async function squaresHere(train: SiteRows, test: SiteRows, tools: Tools): Promise<number> {
  const { executor, seed } = tools;
  const options = { ...PRESETS.fast, seed };
  const { model } = await fitModel({ ...train, groups: null }, options, executor, () => undefined);
  return squaresOf(executor, model, test);
}

function squaresOf({ engine }: Executor, model: Model, { features, y }: SiteRows): number {
  return y.length === 0 ? 0 : sumOfSquares(predict(engine, model, features).values, y);
}

function sumOfSquares(values: ArrayLike<number>, y: Float64Array): number {
  return y.reduce((sum, target, i) => sum + (values[i]! - target) ** 2, 0);
}
