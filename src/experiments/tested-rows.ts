/** The test rows of a run's splits as one list of answers, for its page. */
import type { AnsweredRows } from "../reports/facts/index.ts";
import type { SplitPredictions } from "./result.ts";

/** A row comes once for every split that tested it. */
export function testedRows(predictions: readonly SplitPredictions[]): AnsweredRows {
  const joined = (name: "truth" | "mixture" | "single"): Float64Array =>
    Float64Array.from(predictions.flatMap((own) => [...own[name]]));
  return {
    kind: "tested",
    rows: Int32Array.from(predictions.flatMap(({ rows }) => [...rows])),
    truth: joined("truth"),
    predicted: joined("mixture"),
    single: { name: "single net", predicted: joined("single") },
  };
}
