/**
 * Explains a fitted model from the rows that it was fitted on: where each expert answers, by which
 * rule, which features change its answer, and which rows are novel to it.
 *
 * Deterministic: the same model and rows give the same explanation. It changes no prediction.
 */
import {
  applyPreprocessing,
  featureTable,
  type Preprocessing,
  scaleTarget,
  type Table,
} from "../data/index.ts";
import { type Engine, predictExpert } from "../experts/index.ts";
import {
  type ExpertReport,
  expertReports,
  type FittedCommitteeModel,
  type FittedModel,
  type Mixture,
  type Model,
  routeRows,
  type TrainingTable,
} from "../mixture/index.ts";
import type { Matrix } from "../shared/matrix.ts";
import { calibrateMargin, gateMargins } from "./boundary.ts";
import { mainEffects } from "./effects.ts";
import type { ExpertExplanation, Explanation, MemberExplanation, Rule } from "./explanation.ts";
import { fitNovelty } from "./novelty.ts";
import { sixDigits } from "./numbers.ts";
import { findRule, prepareRules, type RuleSearch, readRule } from "./rule.ts";

/** The rows that a model was fitted on, and its fit's reports of the experts. */
export interface FittedRows {
  readonly features: Table;
  /** Shape (features.nRows,), in the target's units; null if targets are not available. */
  readonly y: Float64Array | null;
  /** One list per member, one report per expert. */
  readonly experts: readonly (readonly ExpertReport[])[];
}

export function explain(engine: Engine, model: Model, fitted: FittedRows): Explanation {
  const { preprocessing } = model;
  const X = applyPreprocessing(preprocessing, fitted.features);
  const table = featureTable(preprocessing, fitted.features);
  const { y } = fitted;
  const rows: Rows = { preprocessing, table, X, y };
  const members = model.members.map(({ mixture }, m) =>
    explainMember(engine, mixture, rows, fitted.experts[m]!),
  );
  return { members };
}

/** The result of a fit: one mixture, or a committee. */
export type Explained = Pick<FittedModel | FittedCommitteeModel, "model" | "report">;

/**
 * Explains the result of `fitModel` or `fitCommitteeModel`, from the table of the fit.
 */
export function explainFit(
  engine: Engine,
  { model, report }: Explained,
  { features, y }: Pick<TrainingTable, "features" | "y">,
): Explanation {
  return explain(engine, model, { features, y, experts: expertReports(report) });
}

interface Rows {
  readonly preprocessing: Preprocessing;
  readonly table: Table;
  readonly X: Matrix;
  readonly y: Float64Array | null;
}

function explainMember(
  engine: Engine,
  mixture: Mixture,
  rows: Rows,
  reports: readonly ExpertReport[],
): MemberExplanation {
  const { preprocessing, table, X, y } = rows;
  const route = routeRows(engine, mixture, X);
  const targets = y === null ? null : scaleTarget(y, preprocessing.target);
  const errors = targets && squaredErrors(engine, mixture, X, targets);
  const boundaryMargin = sixDigits(calibrateMargin(route, errors));
  const margins = gateMargins(route);
  const search = prepareRules(preprocessing, table, route.experts);
  const experts = mixture.experts.map((expert, k): ExpertExplanation => {
    const rows = Int32Array.from(X.nRows === 0 ? [] : route.experts.keys()).filter(
      (i) => route.experts[i] === k,
    );
    const nNear = rows.filter((i) => margins[i]! < boundaryMargin).length;
    const { share, residuals } = reports[k]!;
    return {
      card: {
        nRows: rows.length,
        share,
        residuals,
        boundaryShare: rows.length === 0 ? 0 : sixDigits(nNear / rows.length),
        rule: ruleOf(mixture.gate, search, k),
        effects: mainEffects(engine, expert, preprocessing, { table, X, rows: rows }),
      },
      novelty: fitNovelty(X, rows),
    };
  });
  return { boundaryMargin, experts };
}

/** A tree gate is a rule itself; a short rule approximates the regimes of other gates. */
function ruleOf(gate: Mixture["gate"], search: RuleSearch, k: number): Rule | null {
  const drawn = gate?.kind === "tree" ? readRule(search, gate, k) : null;
  return drawn ?? findRule(search, k);
}

/** Each expert's squared errors on each row, in standardised units; empty for one expert. */
function squaredErrors(
  engine: Engine,
  { experts }: Mixture,
  X: Matrix,
  targets: Float32Array,
): readonly Float64Array[] {
  return experts.map((expert) =>
    Float64Array.from(predictExpert(engine, expert, X), (answer, i) => (answer - targets[i]!) ** 2),
  );
}
