export { binomialInterval, binomialTail, conformalInterval } from "./binomial.ts";
export { adjustedRandIndex } from "./rand-index.ts";
export { friedmanRanks, midranks, nemenyiDifference } from "./ranks.ts";
export { mean, type RegressionMetrics, regressionMetrics, standardError } from "./regression.ts";
export { type SignedRankTest, signedRankTest } from "./signed-rank.ts";
export {
  correctedPairedTest,
  correctedRowTest,
  holm,
  meanTest,
  type PairedTest,
} from "./significance.ts";
