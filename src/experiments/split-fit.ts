/** The fit of a split: one mixture, or a committee, with the tuned settings of its baselines. */
import type { TargetScale } from "../data/index.ts";
import { countExpertParameters, type Samples } from "../experts/index.ts";
import {
  type Candidate,
  type CommitteeOptions,
  type Executor,
  type FitOptions,
  type FittedMixture,
  fitMembers,
  fitMixture,
  type Member,
  type Mixture,
  predictMembers,
  type Route,
  reportCommittee,
  targetRange,
} from "../mixture/index.ts";
import { type CommitteeFacts, countMembers } from "../reports/facts/index.ts";
import type { Matrix } from "../shared/matrix.ts";
import type { Progress } from "../shared/progress.ts";

/** The settings of a split's fit; one mixture if `committee` is null. */
export interface SplitOptions {
  readonly fit: FitOptions;
  readonly committee: CommitteeOptions | null;
}

export interface SplitFit {
  readonly rivals: Pick<FittedMixture, "base" | "baseCost" | "tuned" | "cost">;
  /** Answers to the unseen rows, standardised. */
  readonly values: Float64Array;
  /** One a member. */
  readonly routes: readonly Route[];
  readonly nParameters: number;
  readonly candidates: readonly Candidate[];
  /** Of all members. */
  readonly nExperts: number;
  readonly committee: CommitteeFacts | null;
}

export async function fitSplit(
  { samples, unseen, target }: { samples: Samples; unseen: Matrix; target: TargetScale },
  { fit, committee }: SplitOptions,
  executor: Executor,
  progress: Progress,
): Promise<SplitFit> {
  if (committee === null) {
    const fitted = await fitMixture(samples, fit, executor, progress);
    const members = [{ weight: 1, mixture: fitted.mixture }];
    const { candidates } = fitted.choice;
    const context = { rivals: fitted, candidates, committee: null };
    return { ...context, ...answersOf(members, samples, unseen, executor) };
  }
  const committeeFit = await fitMembers(samples, { fit, committee }, executor, progress);
  const { fitted, members } = committeeFit;
  const { kinds, heldOut, undivided } = reportCommittee(committeeFit, target, executor);
  return {
    rivals: fitted,
    candidates: [],
    committee: {
      kinds,
      ...countMembers(members),
      heldOutMse: heldOut.meanSquaredError,
      undividedMse: undivided.meanSquaredError,
    },
    ...answersOf(members, samples, unseen, executor),
  };
}

function answersOf(
  members: readonly Member[],
  { y }: Samples,
  unseen: Matrix,
  { engine }: Executor,
): Pick<SplitFit, "values" | "routes" | "nParameters" | "nExperts"> {
  const { values, routes } = predictMembers(engine, members, unseen, targetRange(y));
  const sum = (of: (mixture: Mixture) => number): number =>
    members.reduce((total, { mixture }) => total + of(mixture), 0);
  return {
    values,
    routes,
    nParameters: sum(countMixtureParameters),
    nExperts: sum(({ experts }) => experts.length),
  };
}

function countMixtureParameters({ experts, gate }: Mixture): number {
  const ofExperts = experts.reduce((sum, expert) => sum + countExpertParameters(expert), 0);
  return ofExperts + countGateParameters(gate);
}

/** Of nets; a tree and an SVM count as 0. */
function countGateParameters(gate: Mixture["gate"]): number {
  if (gate?.kind === "softmax") return gate.net.parameters.length;
  if (gate?.kind !== "ensemble") return 0;
  return gate.nets.reduce((sum, { parameters }) => sum + parameters.length, 0);
}
