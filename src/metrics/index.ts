export { binomialRange } from "./binomial.ts";
export { adjustedRandIndex } from "./rand-index.ts";
export { mean, type RegressionMetrics, regressionMetrics, standardError } from "./regression.ts";
export { correctedPairedTest, holm, type PairedTest } from "./significance.ts";
