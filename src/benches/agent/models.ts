/** The models of the agent's bench: one of every kind of expert, and one that gets a new expert. */
import type { BundleContent } from "../../bundle/index.ts";
import {
  applyPreprocessing,
  type Feature,
  matrixColumns,
  tableFromRecords,
} from "../../data/index.ts";
import { type Engine, type Expert, FAMILIES, fitFamily, initNet } from "../../experts/index.ts";
import { fitSvmGate, type Gate } from "../../gate/index.ts";
import { type Model, summariseErrors } from "../../mixture/index.ts";
import type { Matrix } from "../../shared/matrix.ts";
import { createRng, type Rng } from "../../shared/rng.ts";
import { drawContent, drawModel, N_FEATURES, provenanceOf } from "../serving/workload.ts";

/** A column as the page draws cells of it: numbers around 0 unless it has levels. */
export interface DrawnColumn {
  readonly name: string;
  readonly levels?: readonly string[];
  readonly hasMissing?: boolean;
}

const NUMBER = { type: "number", median: 0, mean: 0.1, scale: 1.3 } as const;
const KINDS_FEATURES: readonly Feature[] = [
  { ...NUMBER, name: "a", indicator: false },
  { ...NUMBER, name: "b", indicator: true },
  { ...NUMBER, name: "c", indicator: false },
  { type: "category", name: "kind", levels: ["x", "y", "z"] },
];
export const KINDS_COLUMNS: readonly DrawnColumn[] = [
  { name: "a" },
  { name: "b", hasMissing: true },
  { name: "c" },
  { name: "kind", levels: ["x", "y", "z", "other"] },
];
const N_TRAIN = 400;
const SEED = 1;

/** The columns of `raceContent`, and of its versions. */
export const RACE_COLUMNS: readonly DrawnColumn[] = Array.from(
  { length: N_FEATURES },
  (_, j): DrawnColumn => ({ name: `f${j}` }),
);

/** Four nets n-32-32-1 of ten numbers under a softmax gate: the model of the serving bench. */
export function raceContent(engine: Engine): BundleContent {
  return drawContent(engine, "smooth", SEED);
}

/** The same with another last expert. */
export function changedContent(engine: Engine): BundleContent {
  const content = raceContent(engine);
  const [member] = content.model.members;
  const [other] = drawModel("smooth", SEED + 1).members[0]!.mixture.experts;
  const experts = [...member!.mixture.experts.slice(0, -1), other!];
  const mixture = { ...member!.mixture, experts };
  return { ...content, model: { ...content.model, members: [{ ...member!, mixture }] } };
}

/**
 * Every kind of expert, fitted to drawn rows: two nets and each family, once smooth under a softmax
 * gate and once hard under an SVM.
 */
export async function kindsContent(): Promise<BundleContent> {
  const rng = createRng(SEED);
  const target = { name: "t", mean: 10, scale: 3, least: -50, most: 70 };
  const preprocessing: Model["preprocessing"] = { features: KINDS_FEATURES, target };
  const records = Array.from({ length: N_TRAIN }, () => ({
    a: rng.normal(),
    b: rng.int(10) === 0 ? null : rng.normal(),
    c: rng.normal(),
    kind: ["x", "y", "z"][rng.int(3)]!,
  }));
  const X = applyPreprocessing(preprocessing, tableFromRecords(records, preprocessing));
  const { experts, labels } = fitExperts(X, matrixColumns(preprocessing).length, rng);
  const softmax: Gate = { kind: "softmax", net: drawNet(X.nColumns, experts.length, rng) };
  const svm = await fitSvmGate(X, labels, experts.length, { seed: SEED });
  const members = [
    { weight: 0.5, mixture: { experts, gate: softmax, recombination: "smooth" as const } },
    { weight: 0.5, mixture: { experts, gate: svm, recombination: "hard" as const } },
  ];
  const report = { share: 1 / experts.length, residuals: summariseErrors(new Float64Array(1)) };
  const reports = experts.map(() => report);
  return {
    model: { preprocessing, members },
    facts: { provenance: provenanceOf(SEED), experts: [reports, reports] },
  };
}

/** Experts, and labels by which a gate divides the rows among them. */
function fitExperts(
  X: Matrix,
  nInputs: number,
  rng: Rng,
): { readonly experts: readonly Expert[]; readonly labels: Int32Array } {
  const first = (i: number): number => X.values[i * X.nColumns]!;
  const y = Float32Array.from({ length: X.nRows }, (_, i) => {
    return Math.abs(first(i)) + 0.1 * rng.normal();
  });
  const samples = { X, y, weights: null, groups: null };
  const experts: readonly Expert[] = [
    ...[1, 1].map((nOutputs) => ({
      kind: "mlp" as const,
      net: drawNet(nInputs, nOutputs, rng),
    })),
    ...FAMILIES.map((family) => fitFamily(family, samples, SEED)),
  ];
  const labels = Int32Array.from({ length: X.nRows }, (_, i) => {
    return Math.max(0, Math.min(experts.length - 1, Math.floor(3 + 1.5 * first(i))));
  });
  return { experts, labels };
}

function drawNet(nInputs: number, nOutputs: number, rng: Rng) {
  return initNet({ sizes: [nInputs, 32, 32, nOutputs], activation: "tanh" }, rng);
}
