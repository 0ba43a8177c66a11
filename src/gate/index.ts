export {
  type BoundaryCandidate,
  type BoundaryPlan,
  type BoundaryRequest,
  type FittedBoundary,
  fitBoundary,
  refitBoundary,
} from "./boundary/fit.ts";
export { BOUNDARY_KINDS, type BoundaryKind, boundaryKinds } from "./boundary/makers.ts";
export { boundaryCosts, type GateTrainer } from "./boundary/problem.ts";
export type {
  EnsembleGate,
  Gate,
  Refinement,
  SoftmaxGate,
  SvmGate,
  SvmKernel,
  SvmMachine,
  TreeCut,
  TreeGate,
  TreeLeaf,
  TreeNode,
} from "./gate.ts";
export {
  firstGate,
  type LabelledRows,
  refineEnsemble,
  refineSoftmax,
  refineSvm,
} from "./refine.ts";
export { refitMachines } from "./refit.ts";
export { countScores, createRowScorer, gateScores, topExpert, topExperts } from "./scores.ts";
export { freshGateNet, gateTask } from "./softmax.ts";
export { fitSvmGate, type SvmGateOptions } from "./svm-gate.ts";
export { countExperts } from "./svm-scores.ts";
export { countTerms } from "./svm-terms.ts";
export { extendTree } from "./tree/extend.ts";
