export type { Gate, Refinement, SoftmaxGate, SvmGate, SvmMachine } from "./gate.ts";
export { firstGate, type LabelledRows, refineSoftmax, refineSvm } from "./refine.ts";
export { refitMachines } from "./refit.ts";
export { createRowScorer, gateScores, topExpert, topExperts } from "./scores.ts";
export { freshGateNet, gateTask } from "./softmax.ts";
export { fitSvmGate, type SvmGateOptions } from "./svm-gate.ts";
export { countExperts } from "./svm-scores.ts";
