/** Quick fits by which choices are made before a fit: what families answer to rows held out. */
import type { Samples } from "../experts/index.ts";
import { type innerFolds, takeSamples } from "../mixture/index.ts";
import type { Matrix } from "../shared/matrix.ts";

/** What a family that was fitted to samples answers to rows, standardised. */
export type Family = (seen: Samples, X: Matrix) => ArrayLike<number>;

/** The answer to each row by a fit to the other folds. Shape (nSamples,). */
export function answerHeldOut(
  samples: Samples,
  folds: ReturnType<typeof innerFolds>,
  answersOf: Family,
): Float64Array {
  const answers = new Float64Array(samples.y.length);
  for (const { train, test } of folds) {
    const said = answersOf(takeSamples(samples, train), takeSamples(samples, test).X);
    test.forEach((row, t) => {
      answers[row] = said[t]!;
    });
  }
  return answers;
}
