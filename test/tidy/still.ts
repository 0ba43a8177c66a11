/** What the rules of sizes.test.ts except. */

/**
 * Functions that take more than four parameters because they are called for every row or weight, as
 * `path: name`; the folder of the compiled kernel is excepted as a whole.
 */
export const DATA_KERNELS: readonly string[] = [
  "src/experts/backpropagation.ts: batchGradient",
  "src/experts/gp/kernel.ts: covariances",
  "src/kernel/predictor.ts: copy",
];

/** Casts that may stay, as `path: cast`, with the reason why nothing unchecked gets through. */
export const CASTS: Readonly<Record<string, string>> = {
  "src/benches/accuracy/worker.ts: workerData as LaneOptions":
    "handed over by the thread that starts it, in the same process and of the same version",
  "src/data/reading/arrow.ts: column.toArray() as ArrayLike<unknown>":
    "the reader returns an array; every cell is unknown until its column's reading converts it",
  "src/data/reading/arrow.ts: batch.dictionary as Column<unknown>":
    "the reader builds it; its buffers are checked next",
  "src/data/reading/csv.ts: parsed.array(name) as ArrayLike<unknown>":
    "the reader returns an array of texts, each unknown until its column is typed",
};

/** Files that still break a rule, as `rule path`. This list may only shrink. */
export const STILL: readonly string[] = [];
