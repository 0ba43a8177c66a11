/** What `bailiwick fit` fits: one mixture, or, for the preset `accurate`, a committee. */
import {
  committeeOptions,
  type Executor,
  expertOptions,
  type FamilyChoice,
  type FitOptions,
  type FittedCommitteeModel,
  type FittedModel,
  fitJudgedCommittee,
  fitJudgedModel,
  PRESETS,
  type PresetName,
  type Recombination,
  type TrainingTable,
  type Verdict,
} from "../mixture/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import type { Progress } from "../shared/progress.ts";

export interface PresetFlags {
  readonly preset: PresetName;
  readonly families?: FamilyChoice;
  readonly gate?: "softmax" | "svm";
  readonly recombination?: Recombination;
  readonly experts?: readonly number[];
  readonly seed?: number;
}

export type JudgedFit = (FittedModel | FittedCommitteeModel) & { readonly verdict: Verdict };

/** A fit of what the flags ask for, and the seed that it has. */
export interface PresetFit {
  readonly seed: number;
  run(table: TrainingTable, executor: Executor, progress: Progress): Promise<JudgedFit>;
}

/** @throws INVALID_OPTION for flags that do not go together. */
export function presetFit({ preset, families, experts, ...flags }: PresetFlags): PresetFit {
  const fit = fitOptions({ preset, ...flags });
  const { seed } = fit;
  if (preset === "accurate") {
    const options = { fit, committee: committeeOptions(families, experts) };
    return { seed, run: (table, ...rest) => fitJudgedCommittee(table, options, ...rest) };
  }
  if (families !== undefined) {
    const message = `families are of the preset accurate, got --families ${families} with --preset ${preset}`;
    throw new BailiwickError("INVALID_OPTION", message, { preset });
  }
  const own = experts === undefined ? fit : { ...fit, ...expertOptions(experts) };
  return { seed, run: (table, ...rest) => fitJudgedModel(table, own, ...rest) };
}

function fitOptions({
  preset,
  seed,
  gate,
  recombination,
}: Omit<PresetFlags, "families" | "experts">): FitOptions {
  return {
    ...PRESETS[preset],
    ...(seed === undefined ? {} : { seed }),
    ...(gate === undefined ? {} : { gate }),
    ...(recombination === undefined ? {} : { recombination }),
  };
}
