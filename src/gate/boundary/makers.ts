/**
 * The kinds of boundary, from the simplest to the most flexible, and how each is fitted.
 */
import type { GateChoice } from "../../shared/choices.ts";
import type { Matrix } from "../../shared/matrix.ts";
import { takeColumns } from "../../shared/matrix.ts";
import { selectFeatures } from "../ensemble/features.ts";
import { type EnsembleEffort, fitEnsembleNets } from "../ensemble/fit.ts";
import type { Gate, SvmGate, SvmKernel } from "../gate.ts";
import { varyingInputs } from "../svm-gate.ts";
import { openSvmTrainer, type SvmTrainer } from "../svm-trainer.ts";
import { fitTree } from "../tree/fit.ts";
import type { BoundaryProblem, GateTrainer } from "./problem.ts";
import { fitBoundaryMachines, fitLogisticMachines, type SvmSetting } from "./svm-fit.ts";

/** In order of simplicity; the three in the middle are kernels of the SVM. */
export const BOUNDARY_KINDS = ["tree", "linear", "quadratic", "rbf", "softmax"] as const;
export type BoundaryKind = (typeof BOUNDARY_KINDS)[number];

/** The kinds to choose among. */
export function boundaryKinds(choice: GateChoice): readonly BoundaryKind[] {
  if (choice === "auto") return BOUNDARY_KINDS;
  return choice === "svm" ? ["linear", "quadratic", "rbf"] : [choice];
}

/** The effort of a fit. */
export type Effort = "trial" | "final";

/** One way to fit one kind of boundary. */
export interface BoundaryMaker {
  readonly kind: BoundaryKind;
  /**
   * Gates of one fit that differ only in sharpness; always the same number, in the same order.
   *
   * @param effort - "trial": the gate is judged on held-out rows, and a cheaper fit is enough.
   */
  fit(rows: Int32Array, seed: number, effort: Effort): Promise<readonly Gate[]>;
}

/** The resources that makers of one boundary share; to be closed after use. */
export interface Workshop {
  /** The makers of a kind: one per setting; held-out rows choose among them. */
  makersOf(kind: BoundaryKind): readonly BoundaryMaker[];
  /** The features of smooth boundaries; selected at the first call. */
  features(): Promise<readonly number[]>;
  /** The gamma of logistic machines, which their first fit chooses; null before. */
  gamma(): number | null;
  close(): Promise<void>;
}

/** Scores to the power of 1 / temperature. */
const TEMPERATURES = [1, 0.5, 0.25, 0.125];
const ENSEMBLE: Readonly<Record<Effort, EnsembleEffort>> = {
  trial: { nNets: 2, steps: 12_000, rounds: 0, stepsPerRound: 0 },
  final: { nNets: 8, steps: 15_000, rounds: 3, stepsPerRound: 1500 },
};
/** Costs, and gammas relative to 1 / nInputs; where rows overlap, all machines are softer. */
const SETTINGS: Readonly<Record<SvmKernel, readonly { cost: number; gamma: number }[]>> = {
  linear: [{ cost: 1e4, gamma: 1 }],
  quadratic: [{ cost: 1e4, gamma: 1 }],
  rbf: [0.3, 1, 3].map((gamma) => ({ cost: 1e4, gamma })),
};
/** Gammas of logistic machines, relative to 1 / nInputs. */
const LOGISTIC_GAMMAS = [0.2, 0.5, 1.2, 3];
/** With more inputs, the quadratic kernel has too many terms. */
const MAX_QUADRATIC_INPUTS = 14;

export function openWorkshop(
  problem: BoundaryProblem,
  rows: Int32Array,
  trainer: GateTrainer,
  known: { readonly features: readonly number[] | null; readonly gamma: number | null } = {
    features: null,
    gamma: null,
  },
): Workshop {
  let selected = known.features === null ? null : Promise.resolve(known.features);
  let { gamma: likely } = known;
  let svm: SvmTrainer | null = null;
  const features = (): Promise<readonly number[]> => {
    selected ??= selectFeatures(problem, rows, trainer);
    return selected;
  };
  const seen = async (): Promise<Seen> => {
    const kept = await features();
    return { features: kept, X: takeColumns(problem.X, kept) };
  };
  const svmMaker = (kernel: SvmKernel, cost: number, gamma: number): BoundaryMaker => ({
    kind: kernel,
    fit: async (part, seed) => {
      const inputs = withoutConstants(await seen(), part);
      if (kernel === "quadratic" && inputs.features.length > MAX_QUADRATIC_INPUTS) return [];
      svm ??= openSvmTrainer();
      const setting = { kernel, cost, gamma: gamma / inputs.features.length };
      return svmGates(problem, { ...inputs, rows: part, setting, seed }, svm);
    },
  });
  const logistic: BoundaryMaker = {
    kind: "rbf",
    fit: async (part) => {
      const { features: inputs, X } = withoutConstants(await seen(), part);
      const { costs, labels, nExperts } = problem;
      const gammas = LOGISTIC_GAMMAS.map((gamma) => gamma / inputs.length);
      const seenPart = { X, costs, labels, nExperts, rows: part };
      const fitted = fitLogisticMachines(seenPart, likely === null ? gammas : [likely]);
      likely = fitted.gamma;
      return sharpened(problem, inputs, fitted);
    },
  };
  return {
    features,
    gamma: () => likely,
    makersOf: (kind) => {
      if (kind === "tree") return [{ kind, fit: async (part) => [fitTree(problem, part)] }];
      if (kind !== "softmax") {
        const machines = SETTINGS[kind].map(({ cost, gamma }) => svmMaker(kind, cost, gamma));
        return kind === "rbf" ? [logistic, ...machines] : machines;
      }
      const fit: BoundaryMaker["fit"] = async (part, seed, effort) => {
        return ensembleGates(problem, { ...(await seen()), rows: part, seed, effort }, trainer);
      };
      return [{ kind, fit }];
    },
    close: async () => {
      await svm?.close();
    },
  };
}

/** The selected features, and the rows with only those. */
interface Seen {
  readonly features: readonly number[];
  readonly X: Matrix;
}

/** A machine reacts to all its inputs, so it gets none that has one value in its rows. */
function withoutConstants({ features, X }: Seen, rows: Int32Array): Seen {
  const varying = varyingInputs(X, rows);
  if (varying.length === features.length) return { features, X };
  return { features: varying.map((j) => features[j]!), X: takeColumns(X, varying) };
}

async function ensembleGates(
  { X: { nColumns }, costs, labels, nExperts }: BoundaryProblem,
  { X, features, rows, seed, effort }: Seen & { rows: Int32Array; seed: number; effort: Effort },
  trainer: GateTrainer,
): Promise<readonly Gate[]> {
  const part = { X, costs, labels, nExperts, rows };
  const nets = await fitEnsembleNets(part, ENSEMBLE[effort], seed, trainer);
  return TEMPERATURES.map((temperature): Gate => {
    return { kind: "ensemble", features, nFeatures: nColumns, nets, temperature };
  });
}

async function svmGates(
  problem: BoundaryProblem,
  own: Seen & { readonly rows: Int32Array; readonly setting: SvmSetting; readonly seed: number },
  trainer: SvmTrainer,
): Promise<readonly Gate[]> {
  const { X, features, rows, setting, seed } = own;
  const { costs, labels, nExperts } = problem;
  const part = { X, costs, labels, nExperts, rows };
  return sharpened(problem, features, await fitBoundaryMachines(part, setting, seed, trainer));
}

/** A sigmoid to the power of 1 / temperature: its argument is multiplied by the same factor. */
function sharpened(
  { X: { nColumns } }: BoundaryProblem,
  features: readonly number[],
  fitted: Pick<SvmGate, "machines" | "nExperts" | "kernel" | "cost" | "gamma">,
): readonly Gate[] {
  return TEMPERATURES.map((temperature): SvmGate => {
    const machines = fitted.machines.map((machine) => ({
      ...machine,
      slope: machine.slope / temperature,
      intercept: machine.intercept / temperature,
    }));
    return { kind: "svm", ...fitted, features, nFeatures: nColumns, machines };
  });
}
