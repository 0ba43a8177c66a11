/** The report of a committee's fit: the weight of each kind, and each member's experts. */
import { errorsInUnits, type TargetScale } from "../../data/index.ts";
import type { Samples } from "../../experts/index.ts";
import { mean } from "../../metrics/index.ts";
import type { Executor } from "../executor.ts";
import type { ExpertReport, FitReport } from "../fit-model.ts";
import type { Member } from "../model.ts";
import { type Route, routeRows } from "../predict.ts";
import { type ResidualSummary, summariseAnswers } from "../residuals.ts";
import type { NetSettings } from "../train-net.ts";
import type { TriedSettings } from "../tune.ts";
import type { FittedCommittee } from "./committee.ts";
import type { HeldOut, KindWeight } from "./held-out.ts";
import type { MemberKind } from "./options.ts";

/** A member and its kind. */
export interface KindMember extends Member {
  readonly kind: MemberKind;
}

export interface KindReport extends KindWeight {
  /** Errors of the kind alone on held-out rows, in the target's units. */
  readonly heldOutMse: number;
}

export interface MemberReport {
  readonly kind: MemberKind;
  readonly weight: number;
  /** One an expert, in the mixture's order. */
  readonly experts: readonly ExpertReport[];
}

export interface CommitteeReport {
  /** Settings of the single net that the committee has to beat. */
  readonly settings: NetSettings;
  /** All settings that its tuning tried, in their order. */
  readonly tried: readonly TriedSettings[];
  /** Every kind that was tried. */
  readonly kinds: readonly KindReport[];
  /**
   * Errors of the committee on held-out rows, with weights from other rows; in the target's units.
   */
  readonly heldOut: ResidualSummary;
  /** Of a committee without kinds that divide the rows, likewise. */
  readonly undivided: ResidualSummary;
  /** In the model's order. */
  readonly members: readonly MemberReport[];
  /** Rows that are copies of one before them: they stay together in every split. */
  readonly nCopies: number;
  /** Multiply-adds spent on nets after tuning. */
  readonly cost: number;
}

/** A committee, and its held-out answers. */
interface Reported {
  readonly fitted: FittedCommittee;
  readonly members: readonly KindMember[];
  readonly heldOutAnswers: Float64Array;
  readonly undividedAnswers: Float64Array;
  readonly samples: Samples;
}

export function reportCommittee(
  { fitted, members, heldOutAnswers, undividedAnswers, samples }: Reported,
  target: TargetScale,
  { engine }: Executor,
): Omit<CommitteeReport, "nCopies"> {
  const { tuned, weights, heldOut, cost } = fitted;
  const { rows, y } = heldOut;
  return {
    settings: tuned.settings,
    tried: tuned.tried,
    kinds: reportKinds(heldOut, weights, target),
    heldOut: summariseAnswers(heldOutAnswers, y, target),
    undivided: summariseAnswers(undividedAnswers, y, target),
    members: members.map(({ kind, weight, mixture }) => {
      const route = routeRows(engine, mixture, samples.X);
      const answers = heldOut.answers.get(kind)!;
      const residuals = (places: readonly number[]): ResidualSummary =>
        summariseAnswers(
          Float64Array.from(places, (r) => answers[r]!),
          Float64Array.from(places, (r) => y[r]!),
          target,
        );
      return { kind, weight, experts: reportExperts(route, rows, residuals) };
    }),
    cost,
  };
}

function reportKinds(
  { answers, y }: HeldOut,
  weights: readonly KindWeight[],
  target: TargetScale,
): readonly KindReport[] {
  const losses = (kind: MemberKind): Float64Array =>
    errorsInUnits(answers.get(kind)!, y, target).map((error) => error ** 2);
  return weights.map((entry) => ({ ...entry, heldOutMse: mean(losses(entry.kind)) }));
}

/**
 * Held-out errors of a member's kind, each given to the expert that the member routes its row to.
 */
function reportExperts(
  { experts, nExperts }: Pick<Route, "experts" | "nExperts">,
  rows: Int32Array,
  residualsOf: (places: readonly number[]) => ResidualSummary,
): readonly ExpertReport[] {
  return Array.from({ length: nExperts }, (_, k) => ({
    share: experts.filter((expert) => expert === k).length / experts.length,
    residuals: residualsOf([...rows.keys()].filter((r) => experts[rows[r]!] === k)),
  }));
}

/** Reports of every expert of a fitted model, one list a member. */
export function expertReports(
  report: Pick<FitReport, "experts"> | Pick<CommitteeReport, "members">,
): readonly (readonly ExpertReport[])[] {
  return "members" in report ? report.members.map(({ experts }) => experts) : [report.experts];
}
