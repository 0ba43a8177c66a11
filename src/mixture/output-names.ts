/**
 * Names of a model's outputs, the same on the server and in ONNX exports.
 *
 * An output of one member has the member's number, except for the first: `expert`, `m1.expert`.
 */
export const PREDICTION_OUTPUT = "prediction";

/** A member's outputs for each row beside its answer. */
export type MemberOutput = "expert" | "gate_score" | "scores" | "novelty";

export function memberOutput(what: MemberOutput, m: number): string {
  return m === 0 ? what : `m${m}.${what}`;
}
