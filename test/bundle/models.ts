/** Models of every kind of expert and gate with parameters drawn at random, and facts to match. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { BundleContent } from "../../src/bundle/index.ts";
import {
  type Activation,
  countParameters,
  countTerms,
  type Expert,
  type Net,
} from "../../src/experts/index.ts";
import {
  countTerms as countSvmTerms,
  type Gate,
  type SvmKernel,
  type SvmMachine,
  type TreeNode,
} from "../../src/gate/index.ts";
import type { Mixture, Model } from "../../src/mixture/index.ts";
import { createRng, type Rng } from "../../src/shared/rng.ts";

type ExpertKind = Expert["kind"];
/** The last two are SVMs of those kernels. */
type GateKind = Gate["kind"] | "linear" | "quadratic";
type Features = Model["preprocessing"]["features"];

export interface ModelPlan {
  readonly seed: number;
  readonly experts: readonly ExpertKind[];
  readonly gate: GateKind;
  readonly hidden?: readonly number[];
  readonly nMembers?: number;
  readonly features?: Features;
}

export const SOME_FEATURES: Features = [
  { type: "number", name: "water", median: 181.25, mean: 180.5, scale: 21.3, indicator: false },
  { type: "category", name: "mill | *type*", levels: ["a", "<b>"] },
  { type: "number", name: "age", median: 28, mean: 0.1 + 0.2, scale: 63.1, indicator: true },
];

/** Columns of the matrix that SOME_FEATURES become. */
export const N_INPUTS = 6;

/** A model and facts; the same plan gives the same content. */
export function makeContent(plan: ModelPlan): BundleContent {
  const rng = createRng(plan.seed);
  const features = plan.features ?? SOME_FEATURES;
  const nInputs = features.reduce((sum, f) => {
    return sum + (f.type === "category" ? f.levels.length + 1 : f.indicator ? 2 : 1);
  }, 0);
  const nMembers = plan.nMembers ?? 1;
  const members = Array.from({ length: nMembers }, () => ({
    weight: 1 / nMembers,
    mixture: makeMixture(plan, nInputs, rng),
  }));
  const target = { name: "strength", mean: 35.8, scale: 16.7, least: -5.6, most: 90.6 };
  return {
    model: { preprocessing: { features, target }, members },
    facts: {
      provenance: {
        dataName: "concrete",
        dataSha256: "ab".repeat(32),
        seed: plan.seed,
        engine: "reference",
        nTrain: 1030,
        preset: "fast",
        metrics: { nSamples: 206, mse: 20.25, rmse: 4.5, mae: 3.1, r2: 0.93 },
        verdict: { partitioning: "worth it", why: "squared error 9.1 % lower, p = 0.004" },
      },
      experts: members.map(({ mixture }) =>
        mixture.experts.map((_, k) => ({
          share: 1 / mixture.experts.length,
          residuals: {
            nSamples: 50 + k,
            meanError: rng.normal(),
            meanSquaredError: 20 * rng.uniform(),
            meanFourthPower: 900 * rng.uniform(),
          },
        })),
      ),
    },
  };
}

function makeMixture(plan: ModelPlan, nInputs: number, rng: Rng): Mixture {
  const { hidden = [5, 4] } = plan;
  const makers: Readonly<Record<ExpertKind, () => Expert>> = {
    mlp: () => ({ kind: "mlp", net: makeNet([nInputs, ...hidden, 1], rng) }),
    ridge: () => makeRidge(nInputs, rng),
    gp: () => makeGp(nInputs, rng),
    trees: () => makeTrees(nInputs, rng),
  };
  const experts = plan.experts.map((kind) => makers[kind]());
  const nExperts = experts.length;
  const gate = nExperts === 1 ? null : makeGate(plan.gate, nInputs, nExperts, rng);
  return { experts, gate, recombination: rng.int(2) === 0 ? "smooth" : "hard" };
}

function makeNet(sizes: readonly number[], rng: Rng): Net {
  const activation = (["tanh", "relu", "silu"] as const)[rng.int(3)] as Activation;
  return { sizes, activation, parameters: float32s(countParameters(sizes), rng) };
}

function makeRidge(nFeatures: number, rng: Rng): Expert {
  const degree = rng.int(2) === 0 ? 1 : 2;
  const coefficients = float64s(1 + countTerms(nFeatures, degree), rng);
  return { kind: "ridge", degree, nFeatures, penalty: rng.uniform(), coefficients };
}

/** With 1 to 9 centres. */
function makeGp(nColumns: number, rng: Rng): Expert {
  const nRows = 1 + rng.int(9);
  const lengths = Float64Array.from({ length: nColumns }, () => 0.5 + 3 * rng.uniform());
  const kernel = { lengths, signal: 0.5 + rng.uniform(), noise: 0.1, linear: rng.uniform() };
  const centres = { values: float32s(nRows * nColumns, rng), nRows, nColumns };
  return { kind: "gp", kernel, centres, weights: float64s(nRows, rng) };
}

/** A tree of two leaves, one of three and one that is a leaf; the base alone for some seeds. */
function makeTrees(nFeatures: number, rng: Rng): Expert {
  const feature = (): number => rng.int(nFeatures);
  const features = [feature(), -1, -1, feature(), -1, feature(), -1, -1, -1];
  const roots = rng.int(8) === 0 ? [] : [0, 3, 8];
  const used = roots.length === 0 ? 0 : features.length;
  return {
    kind: "trees",
    family: roots.length === 0 ? "forest" : "trees",
    nFeatures,
    base: rng.normal(),
    features: Int32Array.from(features.slice(0, used)),
    thresholds: float32s(used, rng),
    children: Int32Array.from([1, 0, 0, 4, 0, 6, 0, 0, 0].slice(0, used)),
    values: float32s(used, rng),
    roots: Int32Array.from(roots),
  };
}

function makeGate(kind: GateKind, nFeatures: number, nExperts: number, rng: Rng): Gate {
  if (kind === "softmax") return { kind, net: makeNet([nFeatures, 7, nExperts], rng) };
  if (kind === "ensemble") return makeEnsemble(nFeatures, nExperts, rng);
  if (kind === "tree") return makeTree(nFeatures, nExperts, rng);
  if (kind !== "svm") return makeTermsGate(kind, nFeatures, nExperts, rng);
  const machines: SvmMachine[] = [];
  for (let first = 0; first < nExperts; first++) {
    for (let second = first + 1; second < nExperts; second++) {
      machines.push(makeMachine(first, second, nFeatures, rng));
    }
  }
  return { kind, nExperts, nFeatures, cost: 10, gamma: 0.1 + rng.uniform(), machines };
}

/** Machines of one vector each, of every other feature. */
function makeTermsGate(kernel: SvmKernel, nFeatures: number, nExperts: number, rng: Rng): Gate {
  const features = Array.from({ length: nFeatures }, (_, j) => j).filter((j) => j % 2 === 0);
  const nColumns = countSvmTerms(kernel, features.length);
  const machines: SvmMachine[] = [];
  for (let first = 0; first < nExperts; first++) {
    for (let second = first + 1; second < nExperts; second++) {
      const supportVectors = { values: float32s(nColumns, rng), nRows: 1, nColumns };
      const [rho, slope, intercept] = [rng.normal(), rng.normal(), rng.normal()];
      const coefficients = Float64Array.of(1);
      machines.push({ first, second, supportVectors, coefficients, rho, slope, intercept });
    }
  }
  return { kind: "svm", kernel, features, nExperts, nFeatures, cost: 10, gamma: 0.5, machines };
}

/** Three nets that see every other feature. */
function makeEnsemble(nFeatures: number, nExperts: number, rng: Rng): Gate {
  const features = Array.from({ length: nFeatures }, (_, j) => j).filter((j) => j % 2 === 0);
  const { activation } = makeNet([1, 1], rng);
  const nets = [1, 2, 3].map(() => ({
    ...makeNet([features.length, 5, nExperts], rng),
    activation,
  }));
  return { kind: "ensemble", features, nFeatures, nets, temperature: 0.5 };
}

/** A chain of cuts, one expert a leaf; each cut has two to four knots. */
function makeTree(nFeatures: number, nExperts: number, rng: Rng): Gate {
  const nodes = Array.from({ length: nExperts - 1 }, (_, k): readonly TreeNode[] => {
    const nKnots = 2 + rng.int(3);
    const values = Float64Array.from({ length: nKnots }, (__, q) => q + rng.uniform() - 1);
    const below = Float64Array.from({ length: nKnots }, (__, q) => q / (nKnots - 1));
    const sides = { left: 2 * k + 1, right: 2 * k + 2 };
    const threshold = (values[0]! + values[1]!) / 2;
    return [{ feature: rng.int(nFeatures), threshold, values, below, ...sides }, { expert: k }];
  }).flat();
  return { kind: "tree", nExperts, nFeatures, nodes: [...nodes, { expert: nExperts - 1 }] };
}

/** With 0 to 9 support vectors. */
function makeMachine(first: number, second: number, nFeatures: number, rng: Rng): SvmMachine {
  const nRows = rng.int(10);
  const [rho, slope, intercept] = [rng.normal(), rng.normal(), rng.normal()];
  return {
    first,
    second,
    supportVectors: { values: float32s(nRows * nFeatures, rng), nRows, nColumns: nFeatures },
    coefficients: float64s(nRows, rng),
    rho,
    slope,
    intercept,
  };
}

function float32s(length: number, rng: Rng): Float32Array {
  return Float32Array.from({ length }, () => rng.normal());
}

function float64s(length: number, rng: Rng): Float64Array {
  return Float64Array.from({ length }, () => rng.normal());
}

/** A new empty folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
