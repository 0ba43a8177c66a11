/** The one way from a query to an answer: a vector of sums over the rows that are here. */
import type { NetGradients } from "../../experts/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { EXACT_TERMS } from "../../shared/fixed-point.ts";
import { bucketCounts, histogramCounts, momentSums } from "./column-sums.ts";
import { errorSums, gradientSums, LEAST_ROWS, lossSums, ridgeRegimeSums } from "./model-sums.ts";
import { noisedHistogramSums, noisedRidgeSums } from "./noised-sums.ts";
import { isNoised, type Query } from "./query.ts";
import { createPreparer, type PreparedRows, type SiteRows, sideOf } from "./rows.ts";

/**
 * Answers queries; noise of a noised one is added by who knows how many share it.
 *
 * @throws SITE_REFUSED for a sum over too few rows, or too many to be exact; as a preprocessing
 *   does.
 */
export type AnswerQuery = (query: Query) => Float64Array;

export function createAnswerer(engine: NetGradients, rows: SiteRows): AnswerQuery {
  const prepare = createPreparer(rows);
  let last: { readonly key: string; readonly of: PreparedRows; readonly side: PreparedRows };
  /** One fit asks for one side many times. */
  const sideFor = ({ preprocessing, side, seed }: Extract<Query, { side: unknown }>) => {
    const of = prepare(preprocessing);
    const key = `${side} ${seed}`;
    if (last?.of !== of || last.key !== key) last = { key, of, side: sideOf(of, side, seed) };
    return last.side;
  };
  return (query) => {
    checkEnough(rows, query);
    switch (query.kind) {
      case "buckets":
        return bucketCounts(rows, query);
      case "histogram":
        return histogramCounts(rows, query);
      case "moments":
        return momentSums(rows, query);
      case "ridge":
        return ridgeRegimeSums(engine, sideFor(query), query);
      case "gradient":
        return gradientSums(engine, sideFor(query), query);
      case "losses":
        return lossSums(engine, sideFor(query), query);
      case "errors":
        return errorSums(engine, sideFor(query), query);
      case "noised histogram":
        return noisedHistogramSums(rows, query);
      case "noised ridge":
        return noisedRidgeSums(prepare(query.preprocessing), query);
    }
  };
}

/** Who chooses the draw of a step could otherwise draw one row. */
function checkEnough({ y }: SiteRows, query: Query): void {
  if (isNoised(query)) {
    if (y.length <= EXACT_TERMS) return;
    const message = `a noised sum must be over ${EXACT_TERMS} rows of a site at most`;
    throw new BailiwickError("SITE_REFUSED", message);
  }
  const share = query.kind === "gradient" ? query.draw.share : 1;
  if (share * y.length >= LEAST_ROWS) return;
  const message =
    `a sum must be over ${LEAST_ROWS} rows at least, ` +
    `the query would draw ${Number((share * y.length).toPrecision(3))} of ${y.length} rows`;
  throw new BailiwickError("SITE_REFUSED", message);
}
