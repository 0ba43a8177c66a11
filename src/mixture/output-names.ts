/**
 * Names of a model's outputs, the same wherever it answers: served, or exported as ONNX.
 *
 * What concerns one member carries the member's number, but for the first: `expert`, `m1.expert`.
 */
export const PREDICTION_OUTPUT = "prediction";

/** What a member can say of each row beside its answer. */
export type MemberOutput = "expert" | "gate_score" | "scores" | "novelty";

export function memberOutput(what: MemberOutput, m: number): string {
  return m === 0 ? what : `m${m}.${what}`;
}
