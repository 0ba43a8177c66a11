export { type AnswerQuery, createAnswerer } from "./answer.ts";
export { bucketRange } from "./column-sums.ts";
export {
  agreedColumns,
  type DescribedColumn,
  describeRows,
  type SiteDescription,
} from "./describe.ts";
export { errorOfBin, LEAST_ROWS } from "./model-sums.ts";
export {
  type AskSum,
  answerLength,
  BINS,
  type Category,
  ERROR_BINS,
  ERROR_POWERS,
  gradientLayout,
  type Labels,
  MOMENTS,
  N_BUCKETS,
  nRegimes,
  type Query,
  queryInWords,
  type Side,
} from "./query.ts";
export type { SiteRows } from "./rows.ts";
