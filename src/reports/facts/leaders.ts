/** How the model and its parts do on the same held-out rows, the best first. */
import { mean, regressionMetrics } from "../../metrics/index.ts";
import type { CommitteeReport, FitReport } from "../../mixture/index.ts";
import { count } from "../../shared/wording.ts";
import type { AnsweredRows } from "./answers.ts";

export interface Leader {
  readonly name: string;
  /** Root mean squared error in the target's units. */
  readonly rmse: number;
  /** What the committee gives it; null if it is not part of one. */
  readonly weight: number | null;
  /** Whether it is the model itself. */
  readonly isModel: boolean;
}

/** What is expected on new rows like those answered. */
export interface ExpectedError {
  readonly rmse: number;
  /** null where the truth is constant. */
  readonly r2: number | null;
  readonly nRows: number;
}

const FAMILY_NAMES: Readonly<Record<string, string>> = {
  gp: "Gaussian process",
  trees: "boosted trees",
  forest: "random forest",
  ridge: "linear (ridge)",
  regimes: "regimes",
};

/** A kind of member as a person reads it: "nets (tanh)" for net.tanh. */
export function kindName(kind: string): string {
  const [family, network] = kind.split(".");
  if (network === undefined) return FAMILY_NAMES[kind] ?? kind;
  return `${family === "net" ? "nets" : "mixtures"} (${network})`;
}

/** @param scale - Of the target. */
export function leadersOf(
  report: FitReport | CommitteeReport,
  answers: AnsweredRows,
  scale: number,
): readonly Leader[] {
  const { rmse } = regressionMetrics(answers.truth, answers.predicted);
  const isCommittee = "members" in report;
  const name = isCommittee ? "this committee" : `this model: ${sizeName(report.experts.length)}`;
  const ofModel = { name, rmse, weight: null };
  const rivals = isCommittee
    ? report.kinds.map(({ kind, weight, heldOutMse }): Leader => {
        return { name: kindName(kind), rmse: Math.sqrt(heldOutMse), weight, isModel: false };
      })
    : report.candidates
        .filter(({ nExperts }) => nExperts !== report.experts.length)
        .map(({ nExperts, holdOutMse }): Leader => {
          const name = sizeName(nExperts);
          return { name, rmse: scale * Math.sqrt(holdOutMse), weight: null, isModel: false };
        });
  const average = { name: "mean of the target", rmse: spreadOf(answers.truth), weight: null };
  return [{ ...ofModel, isModel: true }, ...rivals, { ...average, isModel: false }].sort(
    (a, b) => a.rmse - b.rmse || Number(b.isModel) - Number(a.isModel),
  );
}

function sizeName(nExperts: number): string {
  return nExperts === 1 ? "one net" : count(nExperts, "expert");
}

export function expectedOf({ truth, predicted, rows }: AnsweredRows): ExpectedError {
  const { rmse, r2 } = regressionMetrics(truth, predicted);
  return { rmse, r2, nRows: new Set(rows).size };
}

/** The root mean squared error of their mean. */
function spreadOf(values: Float64Array): number {
  const average = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - average) ** 2)));
}
