/** Scores of an ensemble gate: its nets' outputs averaged, sharpened and through one softmax. */
import type { NetPredictor } from "../../experts/index.ts";
import { checkLength } from "../../shared/errors.ts";
import { type Matrix, matrix, takeColumns } from "../../shared/matrix.ts";
import type { EnsembleGate } from "../gate.ts";
import { softmaxInto } from "../softmax.ts";

/** Scores of every expert for every row, shape (nRows, nExperts); rows sum to 1. */
export function ensembleScores(engine: NetPredictor, gate: EnsembleGate, X: Matrix): Float64Array {
  const outputs = averageOutputs(engine, gate, takeGateInputs(gate, X));
  const count = outputs.length / X.nRows;
  const scores = new Float64Array(outputs.length);
  for (let start = 0; start < outputs.length; start += count) {
    softmaxInto(outputs, { start, count, least: 0 }, scores);
  }
  return scores;
}

function takeGateInputs({ features, nFeatures }: EnsembleGate, X: Matrix): Matrix {
  checkLength("X.nColumns", X.nColumns, nFeatures);
  return features.length === nFeatures ? X : takeColumns(X, features);
}

/** The softmax's inputs: the nets' mean outputs over the temperature. */
function averageOutputs(engine: NetPredictor, gate: EnsembleGate, inputs: Matrix): Float64Array {
  const { nets, temperature } = gate;
  const sums = new Float64Array(inputs.nRows * nets[0]!.sizes.at(-1)!);
  for (const net of nets) {
    const outputs = engine.predict(net, inputs);
    for (let at = 0; at < sums.length; at++) sums[at]! += outputs[at]!;
  }
  const scale = 1 / (nets.length * temperature);
  for (let at = 0; at < sums.length; at++) sums[at]! *= scale;
  return sums;
}

/** Scores the only row of `X`, as `ensembleScores` would, into an array that is used again. */
export function createEnsembleScorer(
  engine: NetPredictor,
  gate: EnsembleGate,
  X: Matrix,
): () => Float64Array {
  checkLength("X.nColumns", X.nColumns, gate.nFeatures);
  const { features, nets, temperature } = gate;
  const count = nets[0]!.sizes.at(-1)!;
  const inputs = matrix(new Float32Array(features.length), 1, features.length);
  const outputs = new Float32Array(count);
  const sums = new Float64Array(count);
  const scale = 1 / (nets.length * temperature);
  const row = { start: 0, count, least: 0 };
  return () => {
    for (let j = 0; j < features.length; j++) inputs.values[j] = X.values[features[j]!]!;
    sums.fill(0);
    for (let e = 0; e < nets.length; e++) {
      const netOutputs = engine.predict(nets[e]!, inputs, outputs);
      for (let k = 0; k < count; k++) sums[k]! += netOutputs[k]!;
    }
    for (let k = 0; k < count; k++) sums[k]! *= scale;
    softmaxInto(sums, row, sums);
    return sums;
  };
}
