/**
 * Explaining a fitted model from the rows it was fitted on: who rules where, how one can tell, what
 * moves each expert's answer, and what would be strange to it.
 *
 * Deterministic: the same model and rows give the same explanation. It changes no prediction.
 */
import { applyPreprocessing, type Preprocessing, scaleTarget, type Table } from "../data/index.ts";
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

/** The rows that a model was fitted on, and what its fit said of its experts. */
export interface FittedRows {
  readonly features: Table;
  /** Shape (features.nRows,), in the target's units; null if it is not known any more. */
  readonly y: Float64Array | null;
  /** One list a member, one report an expert. */
  readonly experts: readonly (readonly ExpertReport[])[];
}

export function explain(engine: Engine, model: Model, fitted: FittedRows): Explanation {
  const { preprocessing } = model;
  const X = applyPreprocessing(preprocessing, fitted.features);
  const { features: table, y } = fitted;
  const rows: Rows = { preprocessing, table, X, y };
  const members = model.members.map(({ mixture }, m) =>
    explainMember(engine, mixture, rows, fitted.experts[m]!),
  );
  return { members };
}

/** A model as its fit returned it: one mixture, or a committee. */
export type Explained = Pick<FittedModel | FittedCommitteeModel, "model" | "report">;

/**
 * The explanation of what `fitModel` or `fitCommitteeModel` returned, from the table it was given.
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
    const own = Int32Array.from(X.nRows === 0 ? [] : route.experts.keys()).filter(
      (i) => route.experts[i] === k,
    );
    const nNear = own.filter((i) => margins[i]! < boundaryMargin).length;
    const { share, residuals } = reports[k]!;
    return {
      card: {
        nRows: own.length,
        share,
        residuals,
        boundaryShare: own.length === 0 ? 0 : sixDigits(nNear / own.length),
        rule: ruleOf(mixture.gate, search, k),
        effects: mainEffects(engine, expert, preprocessing, { table, X, rows: own }),
      },
      novelty: fitNovelty(X, own),
    };
  });
  return { boundaryMargin, experts };
}

/** A tree is its own rule; other gates' regimes are described as well as a short rule can. */
function ruleOf(gate: Mixture["gate"], search: RuleSearch, k: number): Rule | null {
  const drawn = gate?.kind === "tree" ? readRule(search, gate, k) : null;
  return drawn ?? findRule(search, k);
}

/** Each expert's on each row, in standardised units; nobody's if nobody competes. */
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
