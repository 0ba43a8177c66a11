export type { Gate, SoftmaxGate, SvmGate, SvmMachine } from "./gate.ts";
export { gateScores, topExperts } from "./scores.ts";
export { freshGateNet, gateTask } from "./softmax.ts";
export { fitSvmGate, type SvmGateOptions } from "./svm-gate.ts";
