/**
 * Predicts single rows, one at a time, without delay: for a caller in this process to whom each
 * microsecond matters. The numbers are those of `predict`, to the last bit.
 *
 * The intermediate results of a row (matrix columns, scores, an expert's answer) are written to
 * buffers that are made once: with a softmax gate and nets nothing is allocated for a row. Under
 * hard recombination only the expert that the row is routed to is evaluated.
 */
import { answerInUnits, createRowPreprocessing, type RowCells } from "../data/index.ts";
import { type NetPredictor, predictExpert } from "../experts/index.ts";
import { createRowScorer, topExpert } from "../gate/index.ts";
import { type Matrix, matrix } from "../shared/matrix.ts";
import type { Mixture, Model, Range } from "./model.ts";
import { standardRange } from "./predict.ts";
import { clip } from "./samples.ts";

/**
 * The prediction for a row, in the target's units.
 *
 * @param cells - In the order of `model.preprocessing.features`, which are computed where they are
 *   effects of a category's levels; null or NaN where missing.
 * @throws SHAPE_MISMATCH unless there is one cell per feature; COLUMN_TYPE or VALUE_NOT_FINITE for
 *   a cell of a numeric feature that is a text or infinite.
 */
export type RowPredictor = (cells: RowCells) => number;

/**
 * A function that predicts single rows, with the bits of `predict`.
 *
 * @example
 * ```ts
 * import { load } from "bailiwick";
 * import { createRowPredictor, createWasmEngine } from "bailiwick/engine";
 *
 * const { model } = await load("out/prices");
 * const predictRow = createRowPredictor(await createWasmEngine(), model);
 * console.log(predictRow([120, 1987, "north"])); // in the order of the features
 * ```
 */
export function createRowPredictor(engine: NetPredictor, model: Model): RowPredictor {
  const { target } = model.preprocessing;
  const { write, nColumns } = createRowPreprocessing(model.preprocessing);
  const X = matrix(new Float32Array(nColumns), 1, nColumns);
  const range = standardRange(target);
  const members = model.members.map(({ weight, mixture }) => ({
    weight,
    answer: mixtureAnswer(engine, mixture, X, range),
  }));
  return (cells) => {
    write(cells, X.values);
    let value = 0;
    for (let m = 0; m < members.length; m++) value += members[m]!.weight * members[m]!.answer();
    return answerInUnits(target, value);
  };
}

/** A mixture's answer to the only row of `X`, with the values at the time of the call. */
function mixtureAnswer(
  engine: NetPredictor,
  mixture: Mixture,
  X: Matrix,
  range: Range,
): () => number {
  const { experts, gate, recombination, ranges } = mixture;
  const answer = new Float32Array(1);
  const answerOf = (k: number): number => {
    const value = predictExpert(engine, experts[k]!, X, answer)[0]!;
    return clip(value, ranges?.[k] ?? range);
  };
  if (gate === null) return () => answerOf(0);
  const score = createRowScorer(engine, gate, X);
  if (recombination === "hard") return () => answerOf(topExpert(score(), experts.length, 0));
  return () => {
    const scores = score();
    let value = 0;
    for (let k = 0; k < experts.length; k++) {
      const share = scores[k]!;
      if (share > 0) value += share * answerOf(k);
    }
    return value;
  };
}
