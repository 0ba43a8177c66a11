/**
 * A committee: plain nets, a mixture of regimes and experts of other families, mixed by weights
 * that were fitted on held-out rows.
 *
 * Folds of the training rows give the weight of a kind, and its members are fitted on all rows.
 * Source: stacked regressions with weights on the simplex (Breiman 1996).
 */
import {
  familiesFor,
  type MlpExpert,
  type Net,
  type Samples,
  trainCost,
  tuneFamilies,
} from "../../experts/index.ts";
import { silent, within } from "../../shared/progress.ts";
import { childSeed } from "../../shared/rng.ts";
import type { Executor, Run } from "../executor.ts";
import type { Member, Mixture } from "../model.ts";
import type { FitOptions } from "../options.ts";
import { planRegimes, type RegimePlan } from "../regimes/index.ts";
import { freshNetTask } from "../train-net.ts";
import type { Tuned } from "../tune.ts";
import { answerHeldOut, type HeldOut, type KindWeight, membersOf, weighKinds } from "./held-out.ts";
import { fitKinds, type TunedCommittee } from "./kinds.ts";
import { type TunedNetwork, tuneNetworks } from "./networks.ts";
import { type CommitteeOptions, DEFAULT_COMMITTEE, type MemberKind, sizeFor } from "./options.ts";

export interface FittedCommittee {
  readonly members: readonly Member[];
  /** Held-out answers of every kind that was tried. */
  readonly weights: readonly KindWeight[];
  readonly heldOut: HeldOut;
  /** Of each kind with weight, or of all; and of the single net's kind. */
  readonly mixtures: ReadonlyMap<MemberKind, readonly Mixture[]>;
  /** Nets of every architecture; the first is that of the single net. */
  readonly networks: readonly TunedNetwork[];
  /** The single net to beat, its tuning, and the multiply-adds spent on it. */
  readonly base: Net;
  readonly tuned: Tuned;
  readonly baseCost: number;
  /** Multiply-adds spent on networks after tuning: what an ensemble of equal cost may spend. */
  readonly cost: number;
}

/** @throws as `fitMixture` and `fitFamily`. */
export async function fitCommittee(
  samples: Samples,
  options: FitOptions,
  { executor, progress = silent }: Pick<Run, "executor"> & Partial<Run>,
  given: CommitteeOptions = DEFAULT_COMMITTEE,
): Promise<FittedCommittee> {
  const { architectures } = given;
  const tuning = within(progress, 0, 0.3);
  const networks = await tuneNetworks(samples, architectures, options, {
    executor,
    progress: tuning,
  });
  const possible = familiesFor(given.families, samples.X.nColumns);
  const committee = { ...given, families: possible };
  const shared = possible.filter((family) => family !== "gp");
  const limits = { nTrees: committee.nTrees };
  const families = tuneFamilies(shared, samples, childSeed(options.seed, "families"), limits);
  const { nets } = sizeFor(samples.y.length, committee);
  const regimes = await regimesOf(samples, networks[0]!, { committee, options }, executor);
  const chosen: TunedCommittee = { networks, families, options, committee, regimes };
  const folded = await answerHeldOut(samples, chosen, executor, within(progress, 0.3, 0.65));
  const { heldOut } = folded;
  const weights = weighKinds(heldOut, [...heldOut.answers.keys()]);
  const [first] = networks;
  const singleKind: MemberKind = `net.${first!.name}`;
  const wanted = {
    size: nets,
    rows: null,
    seed: childSeed(options.seed, "members"),
    isWanted: (kind: MemberKind): boolean =>
      committee.keepAll ||
      kind === singleKind ||
      weights.some((entry) => entry.kind === kind && entry.weight > 0),
  };
  const last = { ...chosen, families: { ...families, ...folded.families } };
  const final = await fitKinds(samples, last, wanted, {
    executor,
    progress: within(progress, 0.65, 1),
  });
  const { mixtures } = final;
  const cost = folded.cost + final.cost;
  const [expert] = mixtures.get(singleKind)![0]!.experts;
  const base = (expert as MlpExpert).net;
  const { tuned } = first!;
  const task = freshNetTask(samples, base, tuned.settings, options.seed);
  const single = { base, tuned, baseCost: trainCost(task) };
  const members = membersOf(weights, mixtures);
  return { members, weights, heldOut, mixtures, networks, ...single, cost };
}

/** The regimes of all samples, with nets of the first architecture as experts. */
function regimesOf(
  samples: Samples,
  { hidden, activation, tuned }: TunedNetwork,
  { committee, options }: Pick<TunedCommittee, "committee" | "options">,
  executor: Executor,
): Promise<RegimePlan | null> {
  if (committee.regimes === null) return Promise.resolve(null);
  const { seed, tuning } = options;
  const fitOptions = { ...committee.regimes, seed, tuning, hidden, activation };
  return planRegimes(samples, tuned.settings, fitOptions, executor);
}
