export {
  type BoundaryCandidate,
  type BoundaryRequest,
  type FittedBoundary,
  fitBoundary,
} from "./boundary/fit.ts";
export { BOUNDARY_KINDS, type BoundaryKind } from "./boundary/makers.ts";
export { boundaryCosts, type GateTrainer } from "./boundary/problem.ts";
export type {
  EnsembleGate,
  Gate,
  Refinement,
  SoftmaxGate,
  SvmGate,
  SvmMachine,
  TreeCut,
  TreeGate,
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
export { extendTree } from "./tree/extend.ts";
