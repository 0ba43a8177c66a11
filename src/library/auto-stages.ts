/** The stages of the preset `auto`, in the order in which they run. */
import { DEFAULT_COMMITTEE, partitionedWeight, type TrainingTable } from "../mixture/index.ts";
import { type FitPlan, type PlannedFit, type PresetSettings, planFit, undivided } from "./plan.ts";

export interface Stage {
  readonly name: string;
  /**
   * The time that must be left to begin, as a multiple of the first stage's: that of this stage and
   * of those after it, which gain more. On concrete regimes took 2.2 times as long as the quick
   * model, the committee 6.8 times.
   */
  readonly takes: number;
  /** Whether its models may divide the rows. */
  readonly divides: boolean;
  /** Its part of the progress. */
  readonly from: number;
  readonly to: number;
  /** @param done - Stages that have a model already. */
  plan(settings: PresetSettings, table: TrainingTable, done: readonly Done[]): FitPlan;
}

/** A stage that has its model. */
export interface Done {
  readonly stage: Stage;
  readonly plan: FitPlan;
  readonly planned: PlannedFit;
}

export const STAGES: readonly [Stage, ...Stage[]] = [
  { name: "quick model", takes: 0, divides: false, from: 0, to: 0.05, plan: quickPlan },
  { name: "regimes", takes: 10, divides: true, from: 0.05, to: 0.3, plan: regimesPlan },
  { name: "committee", takes: 7, divides: true, from: 0.3, to: 0.9, plan: committeePlan },
];

/** With more rows trees take longer than a quick model may. */
const ROWS_FOR_TREES = 2000;

/** Boosted trees of a quick model: more bring little and take most of its time. */
const QUICK_TREES = 300;

/** A committee of one small net, a ridge and, of few rows, trees. */
function quickPlan(settings: PresetSettings, { y }: TrainingTable): FitPlan {
  const plan = planFit({ ...undivided(settings), preset: "accurate" });
  const tuning = {
    ...plan.fit.tuning,
    steps: [Math.min(600, ...plan.fit.tuning.steps)],
    extendTo: 0,
    learningRates: plan.fit.tuning.learningRates.slice(0, 1),
  };
  const families = y.length <= ROWS_FOR_TREES ? (["ridge", "trees"] as const) : ["ridge" as const];
  return {
    ...plan,
    fit: { ...plan.fit, tuning },
    committee: {
      ...DEFAULT_COMMITTEE,
      architectures: [{ activation: "tanh", hidden: [[32, 32]] }],
      families: settings.families === "mlp" ? [] : families,
      nTrees: QUICK_TREES,
      sizes: DEFAULT_COMMITTEE.sizes.map((size) => ({ ...size, nets: 1 })),
    },
  };
}

function regimesPlan({ families: _, ...settings }: PresetSettings): FitPlan {
  return planFit({ ...settings, preset: "regimes" });
}

/** The preset accurate; where regimes beat one net, with a mixture of them as a member. */
function committeePlan(
  settings: PresetSettings,
  _table: TrainingTable,
  done: readonly Done[],
): FitPlan {
  const plan = planFit({ ...undivided(settings), preset: "accurate" });
  const regimes = done.find(isPromising)?.plan.fit ?? null;
  return { ...plan, committee: { ...plan.committee!, regimes } };
}

/** Regimes must have a squared error that is lower than one net's by this much to be a member. */
const LEAST_GAIN = 0.02;

/** Whether regimes are to be a member of the committee. */
export function isPromising({ stage, planned }: Done): boolean {
  const { mse, rivals } = planned.expectation;
  const { net } = rivals;
  const isDivided = partitionedWeight(planned.model.members) > 0;
  return stage.name === "regimes" && isDivided && net !== null && mse < (1 - LEAST_GAIN) * net ** 2;
}

/** The time that a fit may take if none is given, by its rows. */
export function defaultTimeMs(nRows: number): number {
  const minutes = nRows <= 2000 ? 5 : nRows <= 20_000 ? 15 : 60;
  return minutes * 60_000;
}
