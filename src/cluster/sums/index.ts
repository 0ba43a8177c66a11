export { type AnswerQuery, createAnswerer } from "./answer.ts";
export { bucketRange } from "./column-sums.ts";
export {
  agreedColumns,
  type DescribedColumn,
  describeRows,
  type SiteDescription,
} from "./describe.ts";
export { errorOfBin, LEAST_ROWS } from "./model-sums.ts";
export { countOfRow } from "./noised-sums.ts";
export {
  type AskSum,
  answerLength,
  BINS,
  type Category,
  ERROR_BINS,
  ERROR_POWERS,
  gradientLayout,
  isNoised,
  type Labels,
  MOMENTS,
  N_BUCKETS,
  NOISED_BINS,
  type NoisedQuery,
  type NoisedRidgeQuery,
  nRegimes,
  privateForm,
  type Query,
  queryInWords,
  type Side,
} from "./query.ts";
export type { SiteRows } from "./rows.ts";
