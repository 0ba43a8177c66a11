/** The plan of a preset with its settings, and its fit: one mixture, or a committee. */
import { z } from "zod";
import {
  type CommitteeOptions,
  committeeOptions,
  crossValidate,
  type Executor,
  expertOptions,
  type FamilyChoice,
  type FitOptions,
  type FittedCommitteeModel,
  type FittedModel,
  fitCommitteeModel,
  fitJudgedCommittee,
  fitJudgedModel,
  fitModel,
  judgeMembers,
  PRESETS,
  type PresetName,
  type Recombination,
  type TrainingTable,
  type Verdict,
} from "../mixture/index.ts";
import type { GateChoice } from "../shared/choices.ts";
import { BailiwickError } from "../shared/errors.ts";
import type { Progress } from "../shared/progress.ts";

/** The settings of a fit. Every setting has a default. */
export interface PresetSettings {
  /**
   * "fast" fits one mixture; "accurate" a committee, which takes longer and has smaller errors;
   * "regimes" one mixture whose regimes people can read; "auto" tries these within a time, the
   * committee and the regimes, and gives the model with the lowest held-out error. Default of
   * `fit` "auto", of an experiment "fast".
   */
  readonly preset?: PresetName | "auto" | undefined;
  /** With the preset accurate: networks only ("mlp"), or experts of every family. Default "all". */
  readonly families?: FamilyChoice | undefined;
  /**
   * The kind of gate, which learns the boundaries between regimes. Default "softmax"; with the
   * preset regimes "auto", the kind with the lowest cost on held-out rows. "auto" and "tree" need
   * the preset regimes. Not with the preset accurate.
   */
  readonly gate?: GateChoice | undefined;
  /** Blend the experts' answers, or take the top expert's. Default "smooth". Not with accurate. */
  readonly recombination?: Recombination | undefined;
  /**
   * Number of experts, 1 to 16: one number is used as it is; among several the fit chooses.
   * Default: a choice among 1, 2 and 4. Not with the preset accurate.
   */
  readonly experts?: number | readonly number[] | undefined;
  /**
   * Seed of every random choice, 0 to 2,147,483,647. The same seed gives the same model.
   * Default 1.
   */
  readonly seed?: number | undefined;
  /** Widths of the nets' hidden layers, 1 to 4 of at most 1024. Not with the preset accurate. */
  readonly hidden?: readonly number[] | undefined;
  /**
   * Settings that the tuning of nets tries; defaults come from the preset. Fewer steps fit faster.
   */
  readonly tuning?: TuningSettings | undefined;
}

/** Settings that the tuning of nets tries, on held-out rows. */
export interface TuningSettings {
  /** Numbers of training steps to try, ascending. */
  readonly steps?: readonly number[] | undefined;
  /** While the largest number of steps wins, more are tried, up to this number. */
  readonly extendTo?: number | undefined;
  readonly learningRates?: readonly number[] | undefined;
  readonly weightDecays?: readonly number[] | undefined;
}

const steps = z.number().int().positive().max(1_000_000);

export const tuningSchema: z.ZodType<TuningSettings | undefined> = z
  .strictObject({
    steps: z.array(steps).nonempty().optional(),
    extendTo: steps
      .optional()
      .describe("While the largest number of steps wins, more are tried, up to this number."),
    learningRates: z.array(z.number().positive().max(1)).nonempty().optional(),
    weightDecays: z.array(z.number().nonnegative().max(10)).nonempty().optional(),
  })
  .optional();

export const hiddenSchema: z.ZodType<readonly number[] | undefined> = z
  .array(z.number().int().positive().max(1024))
  .min(1)
  .max(4)
  .optional();

/** The options of a fit, from `PresetSettings`. */
export interface FitPlan {
  readonly preset: PresetName;
  readonly fit: FitOptions;
  /** null if one mixture is fitted. */
  readonly committee: CommitteeOptions | null;
}

/** A fit of either kind, without a verdict. */
export type PlannedFit = FittedModel | FittedCommitteeModel;
/** A fit of either kind, with its verdict. */
export type JudgedFit = PlannedFit & { readonly verdict: Verdict };

/** The verdict of a fit that has none. */
export function judgePlan(
  { fit }: FitPlan,
  planned: PlannedFit,
  executor: Executor,
  progress: Progress,
): Promise<Verdict> {
  if ("members" in planned) return judgeMembers(planned, fit, executor, progress);
  return crossValidate(planned.samples, planned.fitted, fit, { executor, progress });
}

/** @throws INVALID_OPTION for settings that do not go together. */
export function planFit({
  preset = "fast",
  families,
  experts,
  gate,
  recombination,
  seed,
  hidden,
  tuning = {},
}: PresetSettings & { readonly preset?: PresetName | undefined }): FitPlan {
  if (preset !== "regimes" && (gate === "auto" || gate === "tree")) {
    const message = `gate ${gate} goes with the preset regimes alone, got the preset ${preset}`;
    throw new BailiwickError("INVALID_OPTION", message, { preset, gate });
  }
  const base = PRESETS[preset];
  const fit: FitOptions = {
    ...base,
    ...definedOf({ seed, gate, recombination, hidden }),
    tuning: { ...base.tuning, ...definedOf(tuning) },
  };
  if (preset === "accurate") {
    checkAccurate({ hidden, experts, gate, recombination });
    return { preset, fit, committee: committeeOptions(families) };
  }
  const numbers = typeof experts === "number" ? [experts] : experts;
  if (families !== undefined) {
    const actual = `got families ${families} with the preset ${preset}`;
    const message = `families go with the preset accurate alone, ${actual}`;
    throw new BailiwickError("INVALID_OPTION", message, { preset });
  }
  const chosen = numbers === undefined ? {} : expertOptions(numbers);
  return { preset, fit: { ...fit, ...chosen }, committee: null };
}

/** The settings of a committee, without those of models that divide the rows. */
export function undivided<T extends PresetSettings>({
  experts: _,
  gate: __,
  recombination: ___,
  ...settings
}: T): Omit<T, "experts" | "gate" | "recombination"> {
  return settings;
}

const ONE_EXPERT = "whose members have one expert each";

/** @throws INVALID_OPTION if a setting is given that a committee does not have. */
function checkAccurate({ hidden, experts, gate, recombination }: PresetSettings): void {
  const wrong = [
    ["hidden", hidden, "which chooses among shapes"],
    ["experts", experts, ONE_EXPERT],
    ["gate", gate, ONE_EXPERT],
    ["recombination", recombination, ONE_EXPERT],
  ] as const;
  for (const [name, given, why] of wrong) {
    if (given === undefined) continue;
    const message = `${name} must be left out if the preset is accurate, ${why}`;
    throw new BailiwickError("INVALID_OPTION", message);
  }
}

/** The entries whose value is given. */
function definedOf<T extends object>(entries: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const given = Object.entries(entries).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** Fits a plan to all rows of a table. @throws as `fitModel` and `fitCommitteeModel`. */
export function fitPlan(
  { fit, committee }: FitPlan,
  table: TrainingTable,
  executor: Executor,
  progress: Progress,
): Promise<PlannedFit> {
  return committee === null
    ? fitModel(table, fit, executor, progress)
    : fitCommitteeModel(table, { fit, committee }, executor, progress);
}

/** The same with a verdict. @throws as `fitPlan`. */
export function fitJudgedPlan(
  { fit, committee }: FitPlan,
  table: TrainingTable,
  executor: Executor,
  progress: Progress,
): Promise<JudgedFit> {
  return committee === null
    ? fitJudgedModel(table, fit, executor, progress)
    : fitJudgedCommittee(table, { fit, committee }, executor, progress);
}
