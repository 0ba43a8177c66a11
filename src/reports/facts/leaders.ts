/** A fit's leaderboard, with names for people. */
import type { HeldOutMetrics } from "../../bundle/index.ts";
import type { Model } from "../../mixture/index.ts";
import { count } from "../../shared/wording.ts";

export interface Leader {
  readonly name: string;
  /** Root mean squared error in the target's units. */
  readonly rmse: number;
  /** What the committee gives it; null if it is not part of one. */
  readonly weight: number | null;
  /** Whether it is the model itself. */
  readonly isModel: boolean;
}

const FAMILY_NAMES: Readonly<Record<string, string>> = {
  gp: "Gaussian process",
  trees: "boosted trees",
  forest: "random forest",
  ridge: "ridge",
  regimes: "regimes",
};

/** A kind of member as a person reads it: "nets (tanh)" for net.tanh. */
export function kindName(kind: string): string {
  const [family, network] = kind.split(".");
  if (network === undefined) return FAMILY_NAMES[kind] ?? kind;
  return `${family === "net" ? "nets" : "mixtures"} (${network})`;
}

/** The best first; empty if the fit kept no figures of other models. */
export function leadersOf(
  { rmse, rivals, leaderboard }: HeldOutMetrics,
  { members }: Model,
): readonly Leader[] {
  if (rivals === undefined || leaderboard === undefined) return [];
  const isCommittee = members.length > 1;
  const kinds = isCommittee ? leaderboard : leaderboard.filter(({ weight }) => weight < 1);
  const others = [
    ...kinds.map(({ kind, rmse, weight }) => ({
      name: kindName(kind),
      rmse,
      weight: isCommittee ? weight : null,
    })),
    ...(rivals.linear === null ? [] : [{ name: "linear", rmse: rivals.linear, weight: null }]),
    { name: "mean of the target", rmse: rivals.mean, weight: null },
  ];
  return [
    { name: modelName(members), rmse, weight: null, isModel: true },
    ...others.map((leader): Leader => ({ ...leader, isModel: false })),
  ].sort((a, b) => a.rmse - b.rmse || Number(b.isModel) - Number(a.isModel));
}

function modelName(members: Model["members"]): string {
  if (members.length > 1) return "this committee";
  const { experts } = members[0]!.mixture;
  return `this model: ${experts.length === 1 ? "one net" : count(experts.length, "expert")}`;
}
