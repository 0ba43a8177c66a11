/**
 * A committee: plain nets, whole mixtures and experts of other families, mixed by weights that were
 * fitted on rows that the members had not seen.
 *
 * Of nets and mixtures several members grow from several base nets; folds of the training rows tell
 * how much a kind is worth, and its members are fitted on all rows. The weight of the plain nets is
 * the fallback: where partitioning does not help, they have all of it. Source: stacked regressions
 * with weights on the simplex (Breiman 1996).
 */
import {
  type Expert,
  FAMILIES,
  type FamilyName,
  fitFamily,
  type Net,
  type Samples,
  trainCost,
} from "../../experts/index.ts";
import { type Progress, silent, within } from "../../shared/progress.ts";
import { childSeed } from "../../shared/rng.ts";
import type { Executor } from "../executor.ts";
import { growMixture } from "../grow.ts";
import type { Member, Mixture } from "../model.ts";
import type { FitOptions } from "../options.ts";
import { predictMixture } from "../predict.ts";
import { innerFolds, takeSamples, targetRange } from "../samples.ts";
import { freshNetTask, type NetSettings, regressionShape } from "../train-net.ts";
import { type Tuned, tuneNet } from "../tune.ts";
import { simplexWeights } from "./simplex.ts";

/** What a member can be: one net, a mixture that grew from one, or an expert of another family. */
export type MemberKind = "net" | "mixture" | FamilyName;

export interface CommitteeOptions {
  readonly folds: number;
  /** Of the folds, those that are held out in turn beyond `fewerBeyond` samples. */
  readonly foldsBeyond: number;
  /** Base nets, each the start of a mixture; half as many beyond `fewerBeyond` samples. */
  readonly nets: number;
  readonly fewerBeyond: number;
  /** Base nets, and mixtures of them, of each fold. */
  readonly netsOfFold: number;
  /** Experts of a mixture at most. */
  readonly experts: number;
  /** Beside nets and mixtures; none for networks only. */
  readonly families: readonly FamilyName[];
  /** Whether kinds without weight are fitted on all samples too, for comparison. */
  readonly keepAll: boolean;
}

export const DEFAULT_COMMITTEE: CommitteeOptions = {
  folds: 5,
  foldsBeyond: 1,
  nets: 3,
  fewerBeyond: 3000,
  netsOfFold: 1,
  experts: 4,
  families: FAMILIES,
  keepAll: false,
};

export interface KindWeight {
  readonly kind: MemberKind;
  readonly weight: number;
}

/** What models that had not seen some samples said of them. */
export interface HeldOut {
  /** Ascending. */
  readonly rows: Int32Array;
  /** Standardised targets. Shape (rows.length,). */
  readonly y: Float64Array;
  /** Standardised answers of each kind. Shapes (rows.length,). */
  readonly answers: ReadonlyMap<MemberKind, Float64Array>;
}

export interface FittedCommittee {
  readonly members: readonly Member[];
  /** Of every kind that was tried. */
  readonly weights: readonly KindWeight[];
  readonly heldOut: HeldOut;
  /** Of each kind with weight, or of all. */
  readonly mixtures: ReadonlyMap<MemberKind, readonly Mixture[]>;
  readonly tuned: Tuned;
  /** The base nets; the first is the single net that the committee has to beat. */
  readonly bases: readonly Net[];
  readonly baseCost: number;
  /** Multiply-adds spent on nets after tuning: what an ensemble of equal cost may spend. */
  readonly cost: number;
}

/** A kind of less weight is left out, and costs nothing. */
const LEAST_WEIGHT = 0.01;

/** @throws as `fitMixture`. */
export async function fitCommittee(
  samples: Samples,
  options: FitOptions,
  executor: Executor,
  progress: Progress = silent,
  committee: CommitteeOptions = DEFAULT_COMMITTEE,
): Promise<FittedCommittee> {
  const shape = regressionShape(samples.X.nColumns, options);
  const tuning = { ...options.tuning, seed: options.seed };
  const tuned = await tuneNet(samples, shape, tuning, executor, within(progress, 0, 0.3));
  const start: Start = { settings: tuned.settings, options, executor, committee };
  const folded = await answerHeldOut(samples, start, within(progress, 0.3, 0.65));
  const { heldOut } = folded;
  const weights = weighKinds(heldOut, [...heldOut.answers.keys()]);
  const isLarge = samples.y.length > committee.fewerBeyond;
  const size = isLarge ? Math.ceil(committee.nets / 2) : committee.nets;
  const seed = childSeed(options.seed, "members");
  const isWanted = (kind: MemberKind): boolean =>
    committee.keepAll || weights.some((own) => own.kind === kind && own.weight > 0);
  const final = await fitKinds(samples, start, { size, seed, isWanted }, within(progress, 0.65, 1));
  const { bases, baseCost, mixtures } = final;
  const members = membersOf(weights, mixtures);
  const cost = folded.cost + final.cost;
  return { members, weights, heldOut, mixtures, tuned, bases, baseCost, cost };
}

/** Weights of these kinds, by what they said of rows that they had not seen. */
export function weighKinds(
  { answers, y }: HeldOut,
  kinds: readonly MemberKind[],
): readonly KindWeight[] {
  const weights = dropLight(
    simplexWeights(
      kinds.map((kind) => answers.get(kind)!),
      y,
    ),
  );
  return kinds.map((kind, k) => ({ kind, weight: weights[k]! }));
}

/** Members with the weights of their kinds, shared evenly among a kind's. */
export function membersOf(
  weights: readonly KindWeight[],
  mixtures: ReadonlyMap<MemberKind, readonly Mixture[]>,
): readonly Member[] {
  return weights.flatMap(({ kind, weight }): readonly Member[] => {
    const own = weight === 0 ? [] : mixtures.get(kind)!;
    return own.map((mixture) => ({ weight: weight / own.length, mixture }));
  });
}

/** The mix of what the kinds said of the held-out rows. Shape (rows.length,). */
export function mixHeldOut({ answers, y }: HeldOut, weights: readonly KindWeight[]): Float64Array {
  return Float64Array.from(y, (_, r) =>
    weights.reduce((sum, { kind, weight }) => sum + weight * answers.get(kind)![r]!, 0),
  );
}

interface Start {
  readonly settings: NetSettings;
  readonly options: FitOptions;
  readonly executor: Executor;
  readonly committee: CommitteeOptions;
}

/** Members of each kind a fold, trained on the other folds, their answers averaged. */
async function answerHeldOut(
  samples: Samples,
  start: Start,
  progress: Progress,
): Promise<{ readonly heldOut: HeldOut; readonly cost: number }> {
  const { folds: nFolds, foldsBeyond, fewerBeyond, netsOfFold: size } = start.committee;
  const nSamples = samples.y.length;
  const seed = childSeed(start.options.seed, "committee");
  const all = innerFolds(samples, { folds: Math.min(nFolds, nSamples), seed });
  const folds = nSamples > fewerBeyond ? all.slice(0, foldsBeyond) : all;
  const rows = Int32Array.from(folds.flatMap(({ test }) => [...test])).sort();
  const place = new Map([...rows].map((i, r) => [i, r] as const));
  const answers = new Map<MemberKind, Float64Array>();
  let cost = 0;
  for (const [f, { train, test }] of folds.entries()) {
    const seen = takeSamples(samples, train);
    const unseen = takeSamples(samples, test);
    const own = { size, seed: childSeed(seed, `fold ${f}`), isWanted: () => true };
    const naming = within(progress, f / folds.length, (f + 1) / folds.length);
    const fitted = await fitKinds(seen, start, own, naming);
    cost += fitted.cost;
    const range = targetRange(seen.y);
    for (const [kind, mixtures] of fitted.mixtures) {
      const values = answers.get(kind) ?? new Float64Array(rows.length);
      answers.set(kind, values);
      for (const mixture of mixtures) {
        const said = predictMixture(start.executor.engine, mixture, unseen.X, range).values;
        test.forEach((i, r) => {
          values[place.get(i)!]! += said[r]! / mixtures.length;
        });
      }
    }
  }
  return { heldOut: { rows, y: Float64Array.from(rows, (i) => samples.y[i]!), answers }, cost };
}

interface Wanted {
  /** Nets, and mixtures that grow from them. */
  readonly size: number;
  readonly seed: number;
  readonly isWanted: (kind: MemberKind) => boolean;
}

interface FittedKinds {
  readonly mixtures: ReadonlyMap<MemberKind, readonly Mixture[]>;
  readonly bases: readonly Net[];
  /** Multiply-adds of one base net, and of all. */
  readonly baseCost: number;
  readonly cost: number;
}

/** The members of each kind on these samples. Base nets are trained in any case. */
async function fitKinds(
  samples: Samples,
  { settings, options, executor, committee }: Start,
  { size, seed, isWanted }: Wanted,
  progress: Progress,
): Promise<FittedKinds> {
  const shape = regressionShape(samples.X.nColumns, options);
  const seeds = Array.from({ length: size }, (_, e) => childSeed(seed, `member ${e}`));
  const tasks = seeds.map((own) => freshNetTask(samples, shape, settings, own));
  const trained = await executor.train(samples.X, tasks);
  const bases = trained.map(({ net }) => net);
  const mixtures = new Map<MemberKind, readonly Mixture[]>([
    ["net", bases.map((net) => oneExpert({ kind: "mlp", net }))],
  ]);
  const baseCost = trainCost(tasks[0]!);
  let cost = size * baseCost;
  if (isWanted("mixture")) {
    const grown: Mixture[] = [];
    for (const [e, own] of seeds.entries()) {
      const start = { samples, settings, base: bases[e]!, nExperts: committee.experts };
      const one = await growMixture(start, { ...options, seed: own }, executor, silent);
      grown.push(one.mixture);
      cost += one.cost;
      progress(`mixture ${e + 1} of ${size}`, (0.8 * (e + 1)) / size);
    }
    mixtures.set("mixture", grown);
  }
  for (const family of committee.families.filter(isWanted)) {
    progress(family, 0.9);
    const expert = fitFamily(family, samples, childSeed(seed, family));
    mixtures.set(family, [oneExpert(expert)]);
  }
  return { mixtures, bases, baseCost, cost };
}

function dropLight(weights: Float64Array): Float64Array {
  const kept = weights.map((weight) => (weight < LEAST_WEIGHT ? 0 : weight));
  const sum = kept.reduce((all, weight) => all + weight, 0);
  return kept.map((weight) => weight / sum);
}

function oneExpert(expert: Expert): Mixture {
  return { experts: [expert], gate: null, recombination: "smooth" };
}
