/**
 * The options of a fit, with the defaults that measured best.
 *
 * Figures in comments are those of docs/method.md. Options hold no data.
 */
import type { Activation } from "../experts/index.ts";
import type { GateChoice } from "../shared/choices.ts";
import type { Recombination } from "./model.ts";

export interface TuningOptions {
  /** Training steps tried, ascending. */
  readonly steps: readonly number[];
  /** While the largest number wins, the steps of `STEP_LADDER` are tried, up to this number. */
  readonly extendTo: number;
  readonly learningRates: readonly number[];
  readonly weightDecays: readonly number[];
  /**
   * Whether only the better half of the settings of each learning rate is tried with more steps,
   * and beyond `steps` the best one alone; all go on if not given.
   */
  readonly halving?: boolean;
  /**
   * Where settings are halved: one that is worse than the best of its learning rate by more than
   * this share is not tried with more steps either. All that are left go on if not given.
   */
  readonly keepWithin?: number;
}

export interface FitOptions {
  readonly seed: number;
  /** Numbers of experts to choose among on hold-out rows; 1 is always a candidate. */
  readonly candidates: readonly number[];
  /** A number of experts that overrules the choice; null leaves it to the hold-out rows. */
  readonly experts: number | null;
  /** How rows are divided: compete.ts, for accuracy, or likelihood/, for readable regimes. */
  readonly partitioning: "competition" | "likelihood";
  readonly hidden: readonly number[];
  readonly activation: Activation;
  /** auto: the kind whose boundary costs least on held-out rows. */
  readonly gate: GateChoice;
  readonly recombination: Recombination;
  readonly tuning: TuningOptions;
  readonly competition: CompetitionOptions;
  /** Climbs of the likelihood from random starts, for each number of experts. */
  readonly restarts: number;
  /** Least weight decay of a specialised expert: one law needs no sharp bends. */
  readonly minSpecialistDecay: number;
}

export interface CompetitionOptions {
  readonly rounds: number;
  /** λ of the gate-consistent cost. */
  readonly consistency: number;
  /** Experts below this share of the samples are dropped. */
  readonly minShare: number;
  readonly minRows: number;
  /** At most one expert per this number of samples. */
  readonly rowsPerExpert: number;
}

export const DEFAULT_FIT: FitOptions = {
  seed: 1,
  candidates: [1, 2, 4],
  experts: null,
  partitioning: "competition",
  hidden: [32, 32],
  activation: "tanh",
  gate: "softmax",
  recombination: "smooth",
  tuning: {
    steps: [600, 3000, 15_000],
    extendTo: 120_000,
    learningRates: [1e-2, 4e-3],
    weightDecays: [0.003, 0.05, 0.4],
  },
  competition: { rounds: 12, consistency: 1, minShare: 0.03, minRows: 12, rowsPerExpert: 20 },
  restarts: 1,
  minSpecialistDecay: 0,
};

/**
 * The purpose of a fit: `fast` predicts with one mixture, `accurate` with a committee, `regimes`
 * finds regimes that people can read.
 */
export type PresetName = "fast" | "accurate" | "regimes";

export const PRESETS: Readonly<Record<PresetName, FitOptions>> = {
  fast: DEFAULT_FIT,
  accurate: {
    ...DEFAULT_FIT,
    tuning: { ...DEFAULT_FIT.tuning, extendTo: 45_000, halving: true },
  },
  regimes: {
    ...DEFAULT_FIT,
    candidates: [1, 2, 4, 8],
    partitioning: "likelihood",
    gate: "auto",
    recombination: "smooth",
    minSpecialistDecay: 0.1,
    tuning: {
      ...DEFAULT_FIT.tuning,
      steps: [3000, 15_000],
      extendTo: 15_000,
      halving: true,
      keepWithin: 0.1,
    },
  },
};

/** Numbers of experts to choose among, from a user's settings: a single number is used as it is. */
export function expertOptions(
  experts: readonly number[],
): Pick<FitOptions, "candidates" | "experts"> {
  return { candidates: experts, experts: experts.length === 1 ? experts[0]! : null };
}

/** Rows of a training batch for this number of samples. */
export function batchSizeFor(nSamples: number): number {
  const size = nSamples < 150 ? 16 : nSamples < 3000 ? 32 : 64;
  return Math.min(size, nSamples);
}

/** Hold-out repeats for this number of samples: small sets give noisy hold-outs. */
export function holdOutRepeats(nSamples: number): number {
  return nSamples < 350 ? 4 : nSamples < 800 ? 2 : 1;
}
